package io.pm2j.supervisor.control;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Process views as JSON objects, with the names of their components.
final class ViewCodec {
    private ViewCodec() {}

    static void write(JsonGenerator json, ProcessView view) throws IOException {
        json.writeStartObject();
        json.writeNumberField("pmId", view.pmId());
        json.writeStringField("name", view.name());
        json.writeStringField("namespace", view.namespace());
        json.writeStringField("version", view.version());
        json.writeStringField("execMode", view.execMode());
        json.writeNumberField("pid", view.pid());
        json.writeStringField("status", view.status());
        json.writeNumberField("restarts", view.restarts());
        json.writeNumberField("unstableRestarts", view.unstableRestarts());
        json.writeNumberField("startedAtMillis", view.startedAtMillis());
        json.writeNumberField("createdAtMillis", view.createdAtMillis());
        json.writeNumberField("cpuPercent", view.cpuPercent());
        json.writeNumberField("memoryBytes", view.memoryBytes());
        json.writeStringField("user", view.user());
        json.writeBooleanField("watching", view.watching());
        json.writeBooleanField("autorestart", view.autorestart());
        json.writeNumberField("generation", view.generation());
        json.writeNumberField("instances", view.instances());
        json.writeNumberField("instanceNumber", view.instanceNumber());
        json.writeStringField("script", view.script());
        JsonText.texts(json, "args", view.args());
        json.writeStringField("cwd", view.cwd());
        json.writeStringField("interpreter", view.interpreter());
        JsonText.texts(json, "interpreterArgs", view.interpreterArgs());
        json.writeStringField("nodeVersion", view.nodeVersion());
        json.writeStringField("outLogPath", view.outLogPath());
        json.writeStringField("errorLogPath", view.errorLogPath());
        json.writeStringField("pidPath", view.pidPath());
        if (view.exitCode().isPresent()) {
            json.writeNumberField("exitCode", view.exitCode().getAsInt());
        }
        json.writeStringField("lastExit", view.lastExit());
        json.writeStringField("lastReason", view.lastReason());
        json.writeStringField("said", view.said());
        JsonText.texts(json, "listens", view.listens());
        json.writeNumberField("killTimeoutMillis", view.killTimeoutMillis());
        json.writeNumberField("listenTimeoutMillis", view.listenTimeoutMillis());
        json.writeBooleanField("waitReady", view.waitReady());
        JsonText.textMap(json, "env", view.env());
        StandingCodec.write(json, view.standing());
        json.writeEndObject();
    }

    static List<ProcessView> readAll(List<JsonTree> trees) throws IOException {
        List<ProcessView> views = new ArrayList<>();
        for (JsonTree tree : trees) {
            views.add(read(tree));
        }
        return views;
    }

    private static ProcessView read(JsonTree tree) throws IOException {
        return new ProcessView(
                tree.whole("pmId"),
                tree.text("name"),
                tree.text("namespace"),
                tree.text("version"),
                tree.text("execMode"),
                tree.whole("pid"),
                tree.text("status"),
                tree.whole("restarts"),
                tree.whole("unstableRestarts"),
                tree.big("startedAtMillis"),
                tree.big("createdAtMillis"),
                tree.real("cpuPercent"),
                tree.big("memoryBytes"),
                tree.text("user"),
                tree.flag("watching"),
                tree.flag("autorestart"),
                tree.whole("generation"),
                tree.whole("instances"),
                tree.whole("instanceNumber"),
                tree.text("script"),
                tree.texts("args"),
                tree.text("cwd"),
                tree.text("interpreter"),
                tree.texts("interpreterArgs"),
                tree.text("nodeVersion"),
                tree.text("outLogPath"),
                tree.text("errorLogPath"),
                tree.text("pidPath"),
                tree.has("exitCode") ? OptionalInt.of(tree.whole("exitCode")) : OptionalInt.empty(),
                tree.text("lastExit"),
                tree.text("lastReason"),
                tree.text("said"),
                tree.texts("listens"),
                tree.big("killTimeoutMillis"),
                tree.big("listenTimeoutMillis"),
                tree.flag("waitReady"),
                tree.textMap("env"),
                StandingCodec.read(tree));
    }
}
