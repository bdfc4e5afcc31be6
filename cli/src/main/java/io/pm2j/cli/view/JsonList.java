package io.pm2j.cli.view;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.supervisor.app.ProcessView;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The array of `jlist`: PM2's shape and names, one line.
///
/// As with PM2, `pm2_env` holds the configuration, every environment variable once more at its top level (unless a
/// key of that name stands there), and the environment itself under `env`.
public final class JsonList {
    private static final JsonFactory JSON = new JsonFactory();

    private JsonList() {}

    public static String of(List<ProcessView> processes) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            for (ProcessView view : processes) {
                process(json, view);
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    private static void process(JsonGenerator json, ProcessView view) throws IOException {
        json.writeStartObject();
        json.writeNumberField("pid", view.pid());
        json.writeStringField("name", view.name());
        json.writeObjectFieldStart("pm2_env");
        environment(json, view);
        json.writeEndObject();
        json.writeNumberField("pm_id", view.pmId());
        json.writeObjectFieldStart("monit");
        json.writeNumberField("memory", view.memoryBytes());
        json.writeNumberField("cpu", view.cpuPercent());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void environment(JsonGenerator json, ProcessView view) throws IOException {
        Set<String> written = new TreeSet<>();
        text(json, written, "name", view.name());
        text(json, written, "namespace", view.namespace());
        flag(json, written, "autorestart", view.autorestart());
        flag(json, written, "autostart", true);
        flag(json, written, "vizion", true);
        flag(json, written, "merge_logs", false);
        flag(json, written, "treekill", true);
        flag(json, written, "wait_ready", view.waitReady());
        number(json, written, "kill_timeout", view.killTimeoutMillis());
        number(json, written, "listen_timeout", view.listenTimeoutMillis());
        if (view.instances() > 0) {
            number(json, written, "instances", view.instances());
        }
        texts(json, written, "args", view.args());
        texts(json, written, "node_args", view.interpreterArgs());
        flag(json, written, "watch", view.watching());
        text(json, written, "pm_exec_path", view.script());
        text(json, written, "pm_cwd", view.cwd());
        text(json, written, "exec_interpreter", view.interpreter());
        text(json, written, "exec_mode", view.execMode() + "_mode");
        text(json, written, "pm_out_log_path", view.outLogPath());
        text(json, written, "pm_err_log_path", view.errorLogPath());
        text(json, written, "pm_pid_path", view.pidPath());
        flag(json, written, "km_link", false);
        flag(json, written, "vizion_running", false);
        number(json, written, "NODE_APP_INSTANCE", view.instanceNumber());
        text(json, written, "status", view.status());
        number(json, written, "pm_uptime", view.startedAtMillis());
        number(json, written, "created_at", view.createdAtMillis());
        number(json, written, "restart_time", view.restarts());
        number(json, written, "unstable_restarts", view.unstableRestarts());
        number(json, written, "pm_id", view.pmId());
        text(json, written, "username", view.user());
        text(json, written, "version", view.version());
        text(json, written, "node_version", view.nodeVersion());
        number(json, written, "generation", view.generation());
        texts(json, written, "edge_listens", view.listens());
        if (view.exitCode().isPresent()) {
            number(json, written, "exit_code", view.exitCode().getAsInt());
        }
        for (Map.Entry<String, String> variable : view.env().entrySet()) {
            if (written.add(variable.getKey())) {
                json.writeStringField(variable.getKey(), variable.getValue());
            }
        }
        if (written.add("env")) {
            json.writeObjectFieldStart("env");
            for (Map.Entry<String, String> variable : view.env().entrySet()) {
                json.writeStringField(variable.getKey(), variable.getValue());
            }
            json.writeEndObject();
        }
    }

    private static void text(JsonGenerator json, Set<String> written, String key, String value) throws IOException {
        written.add(key);
        json.writeStringField(key, value);
    }

    private static void number(JsonGenerator json, Set<String> written, String key, long value) throws IOException {
        written.add(key);
        json.writeNumberField(key, value);
    }

    private static void flag(JsonGenerator json, Set<String> written, String key, boolean value) throws IOException {
        written.add(key);
        json.writeBooleanField(key, value);
    }

    private static void texts(JsonGenerator json, Set<String> written, String key, List<String> values)
            throws IOException {
        written.add(key);
        json.writeArrayFieldStart(key);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
