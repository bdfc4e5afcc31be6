package io.pm2j.supervisor.control;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.config.read.EdgeText;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import io.pm2j.supervisor.json.SourceCodec;
import io.pm2j.supervisor.json.SpecCodec;
import io.pm2j.supervisor.traffic.Share;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Requests and replies as single lines of JSON, and back. Streaming only: the command line starts faster without
/// data binding.
public final class ControlCodec {
    private ControlCodec() {}

    /// A request as one line, without its line break. `version` is the command line's.
    static String write(ControlRequest request, String version) throws IOException {
        return JsonText.line(json -> {
            json.writeStringField("version", version);
            // What most commands ask first is not left to the switch, whose first use takes some 5 ms.
            if (request instanceof ControlRequest.Processes processes) {
                ask(json, processes);
            } else {
                ask(json, request);
            }
        });
    }

    private static void ask(JsonGenerator json, ControlRequest.Processes processes) throws IOException {
        json.writeStringField("ask", "processes");
        json.writeBooleanField("brief", processes.brief());
        JsonText.texts(json, "selectors", processes.selectors());
    }

    private static void ask(JsonGenerator json, ControlRequest request) throws IOException {
        switch (request) {
            case ControlRequest.Ping _ -> json.writeStringField("ask", "ping");
            case ControlRequest.Start(var apps, boolean fromFile, boolean force) -> {
                json.writeStringField("ask", "start");
                json.writeBooleanField("fromFile", fromFile);
                json.writeBooleanField("force", force);
                SpecCodec.writeAll(json, apps);
            }
            case ControlRequest.Renew(var apps, boolean reload, boolean updateEnv, ReloadTerms terms) -> {
                json.writeStringField("ask", "renew");
                json.writeBooleanField("reload", reload);
                json.writeBooleanField("updateEnv", updateEnv);
                terms(json, terms);
                SpecCodec.writeAll(json, apps);
            }
            case ControlRequest.Amend(boolean reload, List<String> selectors, var specs, ReloadTerms terms) -> {
                json.writeStringField("ask", "amend");
                json.writeBooleanField("reload", reload);
                JsonText.texts(json, "selectors", selectors);
                terms(json, terms);
                SpecCodec.writeAll(json, specs);
            }
            case ControlRequest.Act(
                    ControlRequest.Verb verb,
                    List<String> selectors,
                    var newEnv,
                    ReloadTerms terms) -> {
                json.writeStringField("ask", "act");
                json.writeStringField("verb", verb.name());
                JsonText.texts(json, "selectors", selectors);
                terms(json, terms);
                if (newEnv.isPresent()) {
                    JsonText.textMap(json, "newEnv", newEnv.get());
                }
            }
            case ControlRequest.Edge(String file, EdgeText text) -> {
                json.writeStringField("ask", "edge");
                json.writeStringField("file", file);
                SourceCodec.edge(json, text);
            }
            case ControlRequest.Converge converge -> {
                json.writeStringField("ask", "converge");
                json.writeStringField("deed", converge.deed().name());
                if (converge.watch().isPresent()) {
                    json.writeBooleanField("watch", converge.watch().get());
                }
                json.writeObjectFieldStart("source");
                SourceCodec.fields(json, converge.source());
                json.writeEndObject();
                SourceCodec.edge(json, converge.edge());
                SpecCodec.writeAll(json, converge.apps());
            }
            case ControlRequest.RollBack(String app, OptionalInt generation) -> {
                json.writeStringField("ask", "rollBack");
                json.writeStringField("app", app);
                if (generation.isPresent()) {
                    json.writeNumberField("generation", generation.getAsInt());
                }
            }
            case ControlRequest.Promote(String app, int percent) -> {
                json.writeStringField("ask", "promote");
                json.writeStringField("app", app);
                json.writeNumberField("percent", percent);
            }
            case ControlRequest.Abort(String app) -> {
                json.writeStringField("ask", "abort");
                json.writeStringField("app", app);
            }
            case ControlRequest.Maintain(String app, var how) -> {
                json.writeStringField("ask", "maintain");
                json.writeStringField("app", app);
                if (how.isPresent()) {
                    json.writeObjectFieldStart("how");
                    MaintenanceCodec.fields(json, how.get());
                    json.writeEndObject();
                }
            }
            case ControlRequest.Scale(String app, String amount) -> {
                json.writeStringField("ask", "scale");
                json.writeStringField("app", app);
                json.writeStringField("amount", amount);
            }
            case ControlRequest.Processes processes -> ask(json, processes);
            case ControlRequest.Logs logs -> {
                json.writeStringField("ask", "logs");
                JsonText.texts(json, "selectors", logs.selectors());
                json.writeNumberField("lines", logs.lines());
                json.writeBooleanField("out", logs.out());
                json.writeBooleanField("err", logs.err());
                json.writeBooleanField("follow", logs.follow());
            }
            case ControlRequest.Serve(String root, int port, String name, boolean spa) -> {
                json.writeStringField("ask", "serve");
                json.writeStringField("root", root);
                json.writeNumberField("port", port);
                json.writeStringField("name", name);
                json.writeBooleanField("spa", spa);
            }
            case ControlRequest.Update(List<String> command, int drainMillis, boolean force) -> {
                json.writeStringField("ask", "update");
                JsonText.texts(json, "command", command);
                json.writeNumberField("drain", drainMillis);
                json.writeBooleanField("force", force);
            }
            case ControlRequest.Updated _ -> json.writeStringField("ask", "updated");
            case ControlRequest.Web(int port) -> {
                json.writeStringField("ask", "web");
                json.writeNumberField("port", port);
            }
            case ControlRequest.Flush(List<String> selectors) -> {
                json.writeStringField("ask", "flush");
                JsonText.texts(json, "selectors", selectors);
            }
            case ControlRequest.ReloadLogs _ -> json.writeStringField("ask", "reloadLogs");
            case ControlRequest.Save(boolean force) -> {
                json.writeStringField("ask", "save");
                json.writeBooleanField("force", force);
            }
            case ControlRequest.Autosave(boolean on) -> {
                json.writeStringField("ask", "autosave");
                json.writeBooleanField("on", on);
            }
            case ControlRequest.Resurrect _ -> json.writeStringField("ask", "resurrect");
            case ControlRequest.ClearDump _ -> json.writeStringField("ask", "clearDump");
            case ControlRequest.Tell(List<String> selectors, String message) -> {
                json.writeStringField("ask", "tell");
                JsonText.texts(json, "selectors", selectors);
                json.writeStringField("message", message);
            }
            case ControlRequest.SendSignal(String signal, List<String> selectors) -> {
                json.writeStringField("ask", "sendSignal");
                json.writeStringField("signal", signal);
                JsonText.texts(json, "selectors", selectors);
            }
            case ControlRequest.SendLine(int pmId, String text) -> {
                json.writeStringField("ask", "sendLine");
                json.writeNumberField("pmId", pmId);
                json.writeStringField("line", text);
            }
            case ControlRequest.Trigger(List<String> selectors, String action, var parameter) -> {
                json.writeStringField("ask", "trigger");
                JsonText.texts(json, "selectors", selectors);
                json.writeStringField("action", action);
                if (parameter.isPresent()) {
                    json.writeStringField("parameter", parameter.get());
                }
            }
            case ControlRequest.Bus(List<String> selectors) -> {
                json.writeStringField("ask", "bus");
                JsonText.texts(json, "selectors", selectors);
            }
            case ControlRequest.Kill _ -> json.writeStringField("ask", "kill");
        }
    }

    /// @throws IOException when the line is no request, in words
    static ControlRequest readRequest(String line) throws IOException {
        JsonTree tree = JsonTree.parse(line);
        String ask = tree.text("ask");
        return switch (ask) {
            case "ping" -> new ControlRequest.Ping();
            case "start" ->
                new ControlRequest.Start(
                        SpecCodec.readAll(tree.objects("apps")), tree.flag("fromFile"), tree.flag("force"));
            case "renew" ->
                new ControlRequest.Renew(
                        SpecCodec.readAll(tree.objects("apps")),
                        tree.flag("reload"),
                        tree.flag("updateEnv"),
                        terms(tree));
            case "amend" ->
                new ControlRequest.Amend(
                        tree.flag("reload"),
                        tree.texts("selectors"),
                        SpecCodec.readAll(tree.objects("apps")),
                        terms(tree));
            case "act" ->
                new ControlRequest.Act(
                        JsonText.constant(ControlRequest.Verb.class, tree.text("verb")),
                        tree.texts("selectors"),
                        tree.has("newEnv") ? Optional.of(tree.textMap("newEnv")) : Optional.empty(),
                        terms(tree));
            case "rollBack" ->
                new ControlRequest.RollBack(
                        tree.text("app"),
                        tree.has("generation") ? OptionalInt.of(tree.whole("generation")) : OptionalInt.empty());
            case "edge" -> new ControlRequest.Edge(tree.text("file"), SourceCodec.edge(tree));
            case "converge" ->
                new ControlRequest.Converge(
                        SourceCodec.read(tree.tree("source")),
                        SpecCodec.readAll(tree.objects("apps")),
                        SourceCodec.edge(tree),
                        JsonText.constant(ControlRequest.Deed.class, tree.text("deed")),
                        tree.has("watch") ? Optional.of(tree.flag("watch")) : Optional.empty());
            case "promote" -> new ControlRequest.Promote(tree.text("app"), percent(tree));
            case "abort" -> new ControlRequest.Abort(tree.text("app"));
            case "maintain" ->
                new ControlRequest.Maintain(
                        tree.text("app"),
                        tree.has("how") ? Optional.of(MaintenanceCodec.read(tree.tree("how"))) : Optional.empty());
            case "scale" -> new ControlRequest.Scale(tree.text("app"), tree.text("amount"));
            case "processes" -> new ControlRequest.Processes(tree.texts("selectors"), tree.flag("brief"));
            case "logs" ->
                new ControlRequest.Logs(
                        tree.texts("selectors"),
                        tree.whole("lines"),
                        tree.flag("out"),
                        tree.flag("err"),
                        tree.flag("follow"));
            case "serve" ->
                new ControlRequest.Serve(tree.text("root"), tree.whole("port"), tree.text("name"), tree.flag("spa"));
            case "update" -> new ControlRequest.Update(tree.texts("command"), tree.whole("drain"), tree.flag("force"));
            case "updated" -> new ControlRequest.Updated();
            case "web" -> new ControlRequest.Web(tree.whole("port"));
            case "flush" -> new ControlRequest.Flush(tree.texts("selectors"));
            case "reloadLogs" -> new ControlRequest.ReloadLogs();
            case "save" -> new ControlRequest.Save(tree.flag("force"));
            case "autosave" -> new ControlRequest.Autosave(tree.flag("on"));
            case "resurrect" -> new ControlRequest.Resurrect();
            case "clearDump" -> new ControlRequest.ClearDump();
            case "tell" -> new ControlRequest.Tell(tree.texts("selectors"), tree.text("message"));
            case "sendSignal" -> new ControlRequest.SendSignal(tree.text("signal"), tree.texts("selectors"));
            case "sendLine" -> new ControlRequest.SendLine(tree.whole("pmId"), tree.text("line"));
            case "trigger" ->
                new ControlRequest.Trigger(
                        tree.texts("selectors"),
                        tree.text("action"),
                        tree.has("parameter") ? Optional.of(tree.text("parameter")) : Optional.empty());
            case "bus" -> new ControlRequest.Bus(tree.texts("selectors"));
            case "kill" -> new ControlRequest.Kill();
            default -> throw new IOException("unknown request: " + ask);
        };
    }

    private static int percent(JsonTree tree) throws IOException {
        int percent = tree.whole("percent");
        if (percent < 1 || percent > 100) {
            throw new IOException("percent: " + percent + " (expected: 1 to 100)");
        }
        return percent;
    }

    private static void terms(JsonGenerator json, ReloadTerms terms) throws IOException {
        if (terms.parallel().isPresent()) {
            json.writeNumberField("parallel", terms.parallel().getAsInt());
        }
        json.writeBooleanField("forced", terms.force());
        json.writeBooleanField("rollback", terms.rollback());
        if (terms.canary().isPresent()) {
            json.writeStringField("canary", share(terms.canary().get()));
        }
    }

    private static ReloadTerms terms(JsonTree tree) throws IOException {
        OptionalInt parallel = tree.has("parallel") ? OptionalInt.of(tree.whole("parallel")) : OptionalInt.empty();
        if (parallel.isPresent() && parallel.getAsInt() < 1) {
            throw new IOException("parallel: " + parallel.getAsInt() + " (expected: >= 1)");
        }
        ReloadTerms terms = new ReloadTerms(parallel, tree.flag("forced"), tree.flag("rollback"));
        if (!tree.has("canary")) {
            return terms;
        }
        String share = tree.text("canary");
        return terms.withCanary(share).orElseThrow(() -> new IOException("canary: " + share));
    }

    private static String share(Share share) {
        return switch (share) {
            case Share.Percent(int percent) -> percent + "%";
            case Share.Cookie(String name, String value) -> "cookie:" + name + "=" + value;
        };
    }

    /// A reply as one line, without its line break.
    static String write(ControlReply reply) throws IOException {
        return JsonText.line(json -> {
            switch (reply) {
                case ControlReply.Note(ControlReply.Level level, String text) -> {
                    json.writeStringField("say", "note");
                    json.writeStringField("level", level.name());
                    json.writeStringField("text", text);
                }
                case ControlReply.Listing(var processes, var specs) -> {
                    json.writeStringField("say", "listing");
                    json.writeArrayFieldStart("processes");
                    for (var view : processes) {
                        ViewCodec.write(json, view);
                    }
                    json.writeEndArray();
                    if (!specs.isEmpty()) {
                        SpecCodec.writeAll(json, specs);
                    }
                }
                case ControlReply.LogHeader(String path, int lines) -> {
                    json.writeStringField("say", "logHeader");
                    json.writeStringField("path", path);
                    json.writeNumberField("lines", lines);
                }
                case ControlReply.LogLine(int pmId, String app, boolean error, long atMillis, String text) -> {
                    json.writeStringField("say", "log");
                    json.writeNumberField("pmId", pmId);
                    json.writeStringField("app", app);
                    json.writeBooleanField("error", error);
                    json.writeNumberField("at", atMillis);
                    json.writeStringField("text", text);
                }
                case ControlReply.Happening(String topic, String payload) -> {
                    json.writeStringField("say", "happening");
                    json.writeStringField("topic", topic);
                    json.writeStringField("payload", payload);
                }
                case ControlReply.Done(int exitCode) -> {
                    json.writeStringField("say", "done");
                    json.writeNumberField("exitCode", exitCode);
                }
            }
        });
    }

    /// @throws IOException when the line is no reply, in words
    static ControlReply readReply(String line) throws IOException {
        JsonTree tree = JsonTree.parse(line);
        String say = tree.text("say");
        return switch (say) {
            case "note" ->
                new ControlReply.Note(
                        JsonText.constant(ControlReply.Level.class, tree.text("level")), tree.text("text"));
            case "listing" ->
                new ControlReply.Listing(
                        ViewCodec.readAll(tree.objects("processes")),
                        tree.has("apps") ? SpecCodec.readAll(tree.objects("apps")) : List.of());
            case "logHeader" -> new ControlReply.LogHeader(tree.text("path"), tree.whole("lines"));
            case "log" ->
                new ControlReply.LogLine(
                        tree.whole("pmId"), tree.text("app"), tree.flag("error"), tree.big("at"), tree.text("text"));
            case "happening" -> new ControlReply.Happening(tree.text("topic"), tree.text("payload"));
            case "done" -> new ControlReply.Done(tree.whole("exitCode"));
            default -> throw new IOException("unknown reply: " + say);
        };
    }
}
