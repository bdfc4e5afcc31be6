package io.pm2j.cli.view;

import io.pm2j.supervisor.control.ControlReply.LogLine;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How lines of running apps are shown by `pm2-runtime`.
public enum LogShape {
    /// As the app printed them, each on its own stream.
    RAW,
    /// An object a line. PM2: several lines that come at a time are glued together.
    JSON,
    /// `timestamp=… app=… id=… type=… message=…`.
    KEYS,
    /// Behind the name of the app.
    LABELLED;

    /// The line as it is shown; `labels` is for [#LABELLED].
    public String shown(LogLine line, LogView labels) {
        return switch (this) {
            case RAW -> line.text();
            case JSON -> json(line);
            case KEYS ->
                "timestamp=" + Instant.ofEpochMilli(line.atMillis()) + " app=" + line.app() + " id=" + line.pmId()
                        + " type=" + (line.error() ? "error" : "out") + " message=" + line.text();
            case LABELLED -> labels.live(line);
        };
    }

    private static String json(LogLine line) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("message", line.text());
        fields.put("timestamp", Instant.ofEpochMilli(line.atMillis()).toString());
        fields.put("type", line.error() ? "err" : "out");
        fields.put("process_id", (long) line.pmId());
        fields.put("app_name", line.app());
        String array = JsonList.of(List.of(fields));
        return array.substring(1, array.length() - 1);
    }
}
