package io.pm2j.cli.view;

import io.pm2j.supervisor.control.ControlReply.LogLine;
import io.pm2j.supervisor.log.DateFormat;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.Map;

/// The lines of `logs`. PM2: `0|api      | text`, the label ten characters wide until a longer one is seen.
///
/// A line out of a file has no time of its own: what shows times shows none for it.
public final class LogView {
    /// PM2: what `--timestamp` alone means.
    public static final String TIMESTAMP = "YYYY-MM-DD-HH:mm:ss";

    private static final String FIELDS_TIMESTAMP = "YYYY-MM-DD-HH:mm:ssZZ";
    private static final int TAIL_LABEL = 10;

    private final Style style;
    private final LogForm form;
    private final String timestamp;
    private final String highlight;
    private int width;

    /// Labelled lines without times.
    public LogView(Style style) {
        this(style, LogForm.LABELLED, "", "");
    }

    /// `timestamp` is the format of the time before each line, `highlight` what stands out; empty for neither.
    public LogView(Style style, LogForm form, String timestamp, String highlight) {
        this.style = style;
        this.form = form;
        this.timestamp = timestamp;
        this.highlight = highlight;
    }

    /// A line in the wanted form.
    public String text(LogLine line) {
        return switch (form) {
            case RAW -> line.text();
            case JSON -> json(line);
            case FIELDS -> fields(line);
            case LABELLED -> line.atMillis() == 0 ? fromFile(line) : live(line);
        };
    }

    /// A line out of a file: the label cut or padded to ten characters.
    public String fromFile(LogLine line) {
        String label = line.pmId() + "|" + line.app();
        String fitted = label.length() > TAIL_LABEL
                ? label.substring(0, TAIL_LABEL)
                : label + " ".repeat(TAIL_LABEL - label.length());
        return colour(line, fitted + " | ") + highlighted(line.text());
    }

    /// A line just printed: the label grows with the longest one seen.
    public String live(LogLine line) {
        String label = line.pmId() + "|" + line.app();
        width = Math.max(width, label.length());
        String time = timestamp.isEmpty() ? "" : style.dim(time(line, timestamp) + " ");
        return time + colour(line, label + " ".repeat(width - label.length()) + "  | ") + highlighted(line.text());
    }

    private String json(LogLine line) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("message", line.text());
        if (line.atMillis() != 0) {
            all.put("timestamp", Instant.ofEpochMilli(line.atMillis()).toString());
        }
        all.put("type", line.error() ? "err" : "out");
        all.put("process_id", (long) line.pmId());
        all.put("app_name", line.app());
        return JsonList.line(all);
    }

    private String fields(LogLine line) {
        String time = line.atMillis() == 0 ? "" : "timestamp=" + time(line, FIELDS_TIMESTAMP) + " ";
        return time + "app=" + line.app() + " id=" + line.pmId() + " type=" + (line.error() ? "error" : "out")
                + " message=" + highlighted(line.text());
    }

    private static String time(LogLine line, String format) {
        return DateFormat.of(format)
                .text(ZonedDateTime.ofInstant(Instant.ofEpochMilli(line.atMillis()), ZoneId.systemDefault()));
    }

    private String highlighted(String text) {
        return highlight.isEmpty() ? text : text.replace(highlight, style.highlight(highlight));
    }

    private String colour(LogLine line, String label) {
        return line.error() ? style.bad(label) : style.good(label);
    }
}
