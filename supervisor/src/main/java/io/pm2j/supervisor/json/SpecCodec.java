package io.pm2j.supervisor.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.config.AppName;
import io.pm2j.config.Cron;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Dependency;
import io.pm2j.config.spec.DrainSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.config.spec.ProcessSpec;
import io.pm2j.config.spec.Program;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.config.spec.StopSpec;
import io.pm2j.config.spec.WarmUpSpec;
import io.pm2j.config.spec.WatchSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// App specs as JSON objects. Durations are in milliseconds; what is absent is left out.
public final class SpecCodec {
    private SpecCodec() {}

    /// The field `apps`.
    public static void writeAll(JsonGenerator json, List<AppSpec> specs) throws IOException {
        json.writeArrayFieldStart("apps");
        for (AppSpec spec : specs) {
            write(json, spec);
        }
        json.writeEndArray();
    }

    /// One app, as an object.
    public static void write(JsonGenerator json, AppSpec spec) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", spec.name().text());
        json.writeStringField("namespace", spec.namespace());
        json.writeStringField("script", spec.program().script());
        JsonText.texts(json, "args", spec.program().args());
        json.writeStringField("interpreter", spec.program().interpreter());
        JsonText.texts(json, "interpreterArgs", spec.program().interpreterArgs());
        json.writeStringField("cwd", spec.cwd().toString());
        number(json, "instances", spec.instances());
        json.writeStringField("execMode", spec.execMode().name());
        number(json, "port", spec.port());
        json.writeBooleanField("autostart", spec.autostart());
        path(json, "pidFile", spec.pidFile());
        environment(json, spec.environment());
        json.writeBooleanField("waitReady", spec.ready().waitForMessage());
        json.writeNumberField("listenTimeout", spec.ready().limit().toMillis());
        stop(json, spec.stop());
        restart(json, spec.restart());
        watch(json, spec.watch());
        logs(json, spec.logs());
        process(json, spec.process());
        rollout(json, spec.rollout());
        dependsOn(json, spec.dependsOn());
        json.writeEndObject();
    }

    private static void environment(JsonGenerator json, Environment environment) throws IOException {
        json.writeObjectFieldStart("environment");
        JsonText.textMap(json, "caller", environment.caller());
        JsonText.textMap(json, "own", environment.own());
        JsonText.texts(json, "dropped", environment.dropped());
        json.writeStringField("instanceVariable", environment.instanceVariable());
        text(json, "counted", environment.counted());
        json.writeEndObject();
    }

    private static void rollout(JsonGenerator json, RolloutSpec rollout) throws IOException {
        json.writeObjectFieldStart("rollout");
        json.writeNumberField("surge", rollout.surge());
        json.writeNumberField("maxUnavailable", rollout.maxUnavailable());
        if (rollout.bake().isPresent()) {
            json.writeNumberField("bake", rollout.bake().get().toMillis());
        }
        json.writeNumberField("drain", rollout.drain().requests().toMillis());
        json.writeNumberField("streamDrain", rollout.drain().streams().toMillis());
        if (rollout.warmUp().isPresent()) {
            json.writeStringField("warmUp", rollout.warmUp().get().path());
            json.writeNumberField("warmUpCount", rollout.warmUp().get().count());
        }
        if (rollout.hold().isPresent()) {
            json.writeNumberField("hold", rollout.hold().get().toMillis());
        }
        json.writeEndObject();
    }

    private static void dependsOn(JsonGenerator json, List<Dependency> all) throws IOException {
        if (all.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("dependsOn");
        for (Dependency one : all) {
            json.writeStartObject();
            json.writeStringField("app", one.app().text());
            json.writeStringField("condition", one.condition().name());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static List<Dependency> dependsOn(JsonTree tree) throws IOException {
        List<Dependency> all = new ArrayList<>();
        for (JsonTree one : tree.has("dependsOn") ? tree.objects("dependsOn") : List.<JsonTree>of()) {
            all.add(new Dependency(
                    new AppName(one.text("app")),
                    JsonText.constant(Dependency.Condition.class, one.text("condition"))));
        }
        return all;
    }

    private static void stop(JsonGenerator json, StopSpec stop) throws IOException {
        json.writeObjectFieldStart("stop");
        json.writeStringField("signal", stop.signal());
        json.writeBooleanField("byMessage", stop.byMessage());
        json.writeNumberField("limit", stop.limit().toMillis());
        json.writeBooleanField("wholeTree", stop.wholeTree());
        json.writeEndObject();
    }

    private static void restart(JsonGenerator json, RestartSpec restart) throws IOException {
        json.writeObjectFieldStart("restart");
        json.writeBooleanField("automatic", restart.automatic());
        json.writeNumberField("minUptime", restart.minUptime().toMillis());
        json.writeNumberField("maxUnstable", restart.maxUnstable());
        json.writeNumberField("delay", restart.delay().toMillis());
        json.writeNumberField("backoff", restart.backoff().toMillis());
        JsonText.texts(
                json,
                "finalExitCodes",
                restart.finalExitCodes().stream().map(String::valueOf).toList());
        if (restart.maxMemoryBytes().isPresent()) {
            json.writeNumberField("maxMemoryBytes", restart.maxMemoryBytes().getAsLong());
        }
        text(json, "cron", restart.cron().map(Cron::text));
        json.writeNumberField("watchdog", restart.watchdog().toMillis());
        json.writeEndObject();
    }

    private static void watch(JsonGenerator json, WatchSpec watch) throws IOException {
        json.writeObjectFieldStart("watch");
        JsonText.texts(json, "paths", watch.paths().stream().map(Path::toString).toList());
        JsonText.texts(json, "ignored", watch.ignored());
        json.writeNumberField("delay", watch.delay().toMillis());
        json.writeEndObject();
    }

    private static void logs(JsonGenerator json, LogSpec logs) throws IOException {
        json.writeObjectFieldStart("logs");
        path(json, "out", logs.out());
        path(json, "error", logs.error());
        path(json, "combined", logs.combined());
        if (logs.merged().isPresent()) {
            json.writeBooleanField("merged", logs.merged().get());
        }
        text(json, "dateFormat", logs.dateFormat());
        json.writeBooleanField("json", logs.json());
        json.writeBooleanField("disabled", logs.disabled());
        json.writeNumberField("maxBytes", logs.rotation().maxBytes());
        json.writeBooleanField("daily", logs.rotation().daily());
        json.writeNumberField("keep", logs.rotation().keep());
        json.writeBooleanField("compress", logs.rotation().compress());
        json.writeNumberField("totalBytes", logs.rotation().totalBytes());
        json.writeEndObject();
    }

    private static void process(JsonGenerator json, ProcessSpec process) throws IOException {
        json.writeObjectFieldStart("process");
        text(json, "user", process.user());
        text(json, "group", process.group());
        number(json, "umask", process.umask());
        number(json, "openFiles", process.openFiles());
        json.writeEndObject();
    }

    /// The apps. Those of one caller share its variables in memory.
    public static List<AppSpec> readAll(List<JsonTree> trees) throws IOException {
        Map<Map<String, String>, Map<String, String>> callers = new HashMap<>();
        List<AppSpec> specs = new ArrayList<>();
        for (JsonTree tree : trees) {
            AppSpec spec = read(tree);
            Map<String, String> caller =
                    callers.computeIfAbsent(spec.environment().caller(), variables -> variables);
            specs.add(spec.draft()
                    .environment(spec.environment().withCaller(caller))
                    .spec());
        }
        return specs;
    }

    /// One app, from its object.
    ///
    /// @throws IOException when it is none
    public static AppSpec read(JsonTree tree) throws IOException {
        try {
            Program program = new Program(
                    tree.text("script"), tree.texts("args"), tree.text("interpreter"), tree.texts("interpreterArgs"));
            return AppSpec.draft(new AppName(tree.text("name")), program, Path.of(tree.text("cwd")))
                    .namespace(tree.text("namespace"))
                    .instances(number(tree, "instances"))
                    .execMode(JsonText.constant(ExecMode.class, tree.text("execMode")))
                    .port(number(tree, "port"))
                    .autostart(tree.flag("autostart"))
                    .pidFile(path(tree, "pidFile"))
                    .environment(environment(tree.tree("environment")))
                    .ready(new ReadySpec(tree.flag("waitReady"), millis(tree, "listenTimeout")))
                    .stop(stop(tree.tree("stop")))
                    .restart(restart(tree.tree("restart")))
                    .watch(watch(tree.tree("watch")))
                    .logs(logs(tree.tree("logs")))
                    .process(process(tree.tree("process")))
                    .rollout(tree.has("rollout") ? rollout(tree.tree("rollout")) : RolloutSpec.DEFAULT)
                    .dependsOn(dependsOn(tree))
                    .spec();
        } catch (IllegalArgumentException e) {
            throw new IOException("not an app: " + e.getMessage(), e);
        }
    }

    private static Environment environment(JsonTree tree) throws IOException {
        return new Environment(
                tree.textMap("caller"),
                tree.textMap("own"),
                tree.texts("dropped"),
                tree.text("instanceVariable"),
                text(tree, "counted"));
    }

    private static RolloutSpec rollout(JsonTree tree) throws IOException {
        return new RolloutSpec(
                tree.whole("surge"),
                tree.whole("maxUnavailable"),
                tree.has("bake") ? Optional.of(millis(tree, "bake")) : Optional.empty(),
                tree.has("drain")
                        ? new DrainSpec(millis(tree, "drain"), millis(tree, "streamDrain"))
                        : DrainSpec.DEFAULT,
                tree.has("warmUp")
                        ? Optional.of(new WarmUpSpec(tree.text("warmUp"), tree.whole("warmUpCount")))
                        : Optional.empty(),
                tree.has("hold") ? Optional.of(millis(tree, "hold")) : Optional.empty());
    }

    private static StopSpec stop(JsonTree tree) throws IOException {
        return new StopSpec(tree.text("signal"), tree.flag("byMessage"), millis(tree, "limit"), tree.flag("wholeTree"));
    }

    private static RestartSpec restart(JsonTree tree) throws IOException {
        HashSet<Integer> codes = new HashSet<>();
        for (String code : tree.texts("finalExitCodes")) {
            codes.add(Integer.valueOf(code));
        }
        return new RestartSpec(
                tree.flag("automatic"),
                millis(tree, "minUptime"),
                tree.whole("maxUnstable"),
                millis(tree, "delay"),
                millis(tree, "backoff"),
                codes,
                tree.has("maxMemoryBytes") ? OptionalLong.of(tree.big("maxMemoryBytes")) : OptionalLong.empty(),
                text(tree, "cron").map(Cron::parse),
                millis(tree, "watchdog"));
    }

    private static WatchSpec watch(JsonTree tree) throws IOException {
        List<Path> paths = new ArrayList<>();
        for (String path : tree.texts("paths")) {
            paths.add(Path.of(path));
        }
        return new WatchSpec(paths, tree.texts("ignored"), millis(tree, "delay"));
    }

    private static LogSpec logs(JsonTree tree) throws IOException {
        return new LogSpec(
                path(tree, "out"),
                path(tree, "error"),
                path(tree, "combined"),
                tree.has("merged") ? Optional.of(tree.flag("merged")) : Optional.empty(),
                text(tree, "dateFormat"),
                tree.flag("json"),
                tree.flag("disabled"),
                new LogRotation(
                        tree.big("maxBytes"),
                        tree.flag("daily"),
                        tree.whole("keep"),
                        tree.flag("compress"),
                        tree.big("totalBytes")));
    }

    private static ProcessSpec process(JsonTree tree) throws IOException {
        return new ProcessSpec(
                text(tree, "user"), text(tree, "group"), number(tree, "umask"), number(tree, "openFiles"));
    }

    private static void number(JsonGenerator json, String name, OptionalInt number) throws IOException {
        if (number.isPresent()) {
            json.writeNumberField(name, number.getAsInt());
        }
    }

    private static OptionalInt number(JsonTree tree, String name) throws IOException {
        return tree.has(name) ? OptionalInt.of(tree.whole(name)) : OptionalInt.empty();
    }

    private static void path(JsonGenerator json, String name, Optional<Path> path) throws IOException {
        text(json, name, path.map(Path::toString));
    }

    private static Optional<Path> path(JsonTree tree, String name) throws IOException {
        return text(tree, name).map(Path::of);
    }

    private static void text(JsonGenerator json, String name, Optional<String> text) throws IOException {
        if (text.isPresent()) {
            json.writeStringField(name, text.get());
        }
    }

    private static Optional<String> text(JsonTree tree, String name) throws IOException {
        return tree.has(name) ? Optional.of(tree.text(name)) : Optional.empty();
    }

    private static Duration millis(JsonTree tree, String name) throws IOException {
        return Duration.ofMillis(tree.big(name));
    }
}
