package io.pm2j.cli.view;

import io.pm2j.supervisor.control.ControlReply.LogLine;

/// The lines of `logs`. PM2: `0|api      | text`, the label ten characters wide until a longer one is seen.
public final class LogView {
    private static final int TAIL_LABEL = 10;

    private final Style style;
    private int width;

    public LogView(Style style) {
        this.style = style;
    }

    /// A line out of a file: the label cut or padded to ten characters.
    public String fromFile(LogLine line) {
        String label = line.pmId() + "|" + line.app();
        String fitted = label.length() > TAIL_LABEL
                ? label.substring(0, TAIL_LABEL)
                : label + " ".repeat(TAIL_LABEL - label.length());
        return colour(line, fitted + "| ") + line.text();
    }

    /// A line just printed: the label grows with the longest one seen.
    public String live(LogLine line) {
        String label = line.pmId() + "|" + line.app();
        width = Math.max(width, label.length());
        return colour(line, label + " ".repeat(width - label.length()) + "  | ") + line.text();
    }

    private String colour(LogLine line, String label) {
        return line.error() ? style.bad(label) : style.good(label);
    }
}
