package io.pm2j.supervisor.control;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;

/// Requests and replies as single lines of JSON, and back. Streaming only: the command line starts faster without
/// data binding.
public final class ControlCodec {
    static final JsonFactory JSON = new JsonFactory();

    private ControlCodec() {}

    /// A request as one line, without its line break. `version` is the command line's.
    static String write(ControlRequest request, String version) throws IOException {
        return line(json -> {
            json.writeStringField("version", version);
            switch (request) {
                case ControlRequest.Ping _ -> json.writeStringField("ask", "ping");
                case ControlRequest.Start(var apps, boolean fromFile, boolean force) -> {
                    json.writeStringField("ask", "start");
                    json.writeBooleanField("fromFile", fromFile);
                    json.writeBooleanField("force", force);
                    SpecCodec.writeAll(json, apps);
                }
                case ControlRequest.Renew(var apps, boolean reload) -> {
                    json.writeStringField("ask", "renew");
                    json.writeBooleanField("reload", reload);
                    SpecCodec.writeAll(json, apps);
                }
                case ControlRequest.Act(ControlRequest.Verb verb, List<String> selectors) -> {
                    json.writeStringField("ask", "act");
                    json.writeStringField("verb", verb.name());
                    texts(json, "selectors", selectors);
                }
                case ControlRequest.Scale(String app, String amount) -> {
                    json.writeStringField("ask", "scale");
                    json.writeStringField("app", app);
                    json.writeStringField("amount", amount);
                }
                case ControlRequest.Processes(List<String> selectors) -> {
                    json.writeStringField("ask", "processes");
                    texts(json, "selectors", selectors);
                }
                case ControlRequest.Logs logs -> {
                    json.writeStringField("ask", "logs");
                    texts(json, "selectors", logs.selectors());
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
                case ControlRequest.Web(int port) -> {
                    json.writeStringField("ask", "web");
                    json.writeNumberField("port", port);
                }
                case ControlRequest.Kill _ -> json.writeStringField("ask", "kill");
            }
        });
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
            case "renew" -> new ControlRequest.Renew(SpecCodec.readAll(tree.objects("apps")), tree.flag("reload"));
            case "act" ->
                new ControlRequest.Act(constant(ControlRequest.Verb.class, tree.text("verb")), tree.texts("selectors"));
            case "scale" -> new ControlRequest.Scale(tree.text("app"), tree.text("amount"));
            case "processes" -> new ControlRequest.Processes(tree.texts("selectors"));
            case "logs" ->
                new ControlRequest.Logs(
                        tree.texts("selectors"),
                        tree.whole("lines"),
                        tree.flag("out"),
                        tree.flag("err"),
                        tree.flag("follow"));
            case "serve" ->
                new ControlRequest.Serve(tree.text("root"), tree.whole("port"), tree.text("name"), tree.flag("spa"));
            case "web" -> new ControlRequest.Web(tree.whole("port"));
            case "kill" -> new ControlRequest.Kill();
            default -> throw new IOException("unknown request: " + ask);
        };
    }

    /// A reply as one line, without its line break.
    static String write(ControlReply reply) throws IOException {
        return line(json -> {
            switch (reply) {
                case ControlReply.Note(ControlReply.Level level, String text) -> {
                    json.writeStringField("say", "note");
                    json.writeStringField("level", level.name());
                    json.writeStringField("text", text);
                }
                case ControlReply.Listing(var processes) -> {
                    json.writeStringField("say", "listing");
                    json.writeArrayFieldStart("processes");
                    for (var view : processes) {
                        ViewCodec.write(json, view);
                    }
                    json.writeEndArray();
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
                new ControlReply.Note(constant(ControlReply.Level.class, tree.text("level")), tree.text("text"));
            case "listing" -> new ControlReply.Listing(ViewCodec.readAll(tree.objects("processes")));
            case "logHeader" -> new ControlReply.LogHeader(tree.text("path"), tree.whole("lines"));
            case "log" ->
                new ControlReply.LogLine(
                        tree.whole("pmId"), tree.text("app"), tree.flag("error"), tree.big("at"), tree.text("text"));
            case "done" -> new ControlReply.Done(tree.whole("exitCode"));
            default -> throw new IOException("unknown reply: " + say);
        };
    }

    static <E extends Enum<E>> E constant(Class<E> type, String name) throws IOException {
        try {
            return Enum.valueOf(type, name);
        } catch (IllegalArgumentException e) {
            throw new IOException("unknown " + type.getSimpleName() + ": " + name, e);
        }
    }

    static void texts(JsonGenerator json, String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    static void textMap(JsonGenerator json, String name, Map<String, String> texts) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
    }

    private static String line(Fields fields) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        }
        return text.toString();
    }

    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }
}
