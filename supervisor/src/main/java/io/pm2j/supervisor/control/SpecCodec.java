package io.pm2j.supervisor.control;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// App specs as JSON objects. Durations are in milliseconds; what is absent is left out.
final class SpecCodec {
    private SpecCodec() {}

    /// The field `apps`.
    static void writeAll(JsonGenerator json, List<AppSpec> specs) throws IOException {
        json.writeArrayFieldStart("apps");
        for (AppSpec spec : specs) {
            write(json, spec);
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, AppSpec spec) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", spec.name().text());
        json.writeStringField("namespace", spec.namespace());
        json.writeStringField("script", spec.script());
        ControlCodec.texts(json, "args", spec.args());
        json.writeStringField("cwd", spec.cwd().toString());
        json.writeStringField("interpreter", spec.interpreter());
        ControlCodec.texts(json, "interpreterArgs", spec.interpreterArgs());
        if (spec.instances().isPresent()) {
            json.writeNumberField("instances", spec.instances().getAsInt());
        }
        json.writeStringField("execMode", spec.execMode().name());
        ControlCodec.textMap(json, "env", spec.env());
        if (spec.port().isPresent()) {
            json.writeNumberField("port", spec.port().getAsInt());
        }
        json.writeBooleanField("waitReady", spec.waitReady());
        json.writeNumberField("listenTimeout", spec.listenTimeout().toMillis());
        json.writeNumberField("killTimeout", spec.killTimeout().toMillis());
        json.writeBooleanField("autorestart", spec.autorestart());
        json.writeNumberField("minUptime", spec.minUptime().toMillis());
        json.writeNumberField("maxRestarts", spec.maxRestarts());
        json.writeNumberField("restartDelay", spec.restartDelay().toMillis());
        if (spec.outFile().isPresent()) {
            json.writeStringField("outFile", spec.outFile().get().toString());
        }
        if (spec.errorFile().isPresent()) {
            json.writeStringField("errorFile", spec.errorFile().get().toString());
        }
        if (spec.mergeLogs().isPresent()) {
            json.writeBooleanField("mergeLogs", spec.mergeLogs().get());
        }
        json.writeEndObject();
    }

    static List<AppSpec> readAll(List<JsonTree> trees) throws IOException {
        List<AppSpec> specs = new ArrayList<>();
        for (JsonTree tree : trees) {
            specs.add(read(tree));
        }
        return specs;
    }

    private static AppSpec read(JsonTree tree) throws IOException {
        try {
            return new AppSpec(
                    new AppName(tree.text("name")),
                    tree.text("namespace"),
                    tree.text("script"),
                    tree.texts("args"),
                    Path.of(tree.text("cwd")),
                    tree.text("interpreter"),
                    tree.texts("interpreterArgs"),
                    tree.has("instances") ? OptionalInt.of(tree.whole("instances")) : OptionalInt.empty(),
                    ControlCodec.constant(ExecMode.class, tree.text("execMode")),
                    tree.textMap("env"),
                    tree.has("port") ? OptionalInt.of(tree.whole("port")) : OptionalInt.empty(),
                    tree.flag("waitReady"),
                    Duration.ofMillis(tree.big("listenTimeout")),
                    Duration.ofMillis(tree.big("killTimeout")),
                    tree.flag("autorestart"),
                    Duration.ofMillis(tree.big("minUptime")),
                    tree.whole("maxRestarts"),
                    Duration.ofMillis(tree.big("restartDelay")),
                    tree.has("outFile") ? Optional.of(Path.of(tree.text("outFile"))) : Optional.empty(),
                    tree.has("errorFile") ? Optional.of(Path.of(tree.text("errorFile"))) : Optional.empty(),
                    tree.has("mergeLogs") ? Optional.of(tree.flag("mergeLogs")) : Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new IOException("not an app: " + e.getMessage(), e);
        }
    }
}
