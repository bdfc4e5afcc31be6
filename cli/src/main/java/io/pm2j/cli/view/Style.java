package io.pm2j.cli.view;

import java.util.List;

/// Colours, for a terminal that wants them; none into a pipe, with `NO_COLOR` or `--no-color`.
public final class Style {
    private final boolean terminal;
    private final boolean coloured;

    Style(boolean terminal, boolean coloured) {
        this.terminal = terminal;
        this.coloured = coloured;
    }

    /// The style for this process's standard output.
    public static Style of(String... args) {
        boolean terminal = System.getProperty("pm2j.terminal", "").equals("true");
        String noColor = System.getenv("NO_COLOR");
        boolean wanted =
                (noColor == null || noColor.isEmpty()) && !List.of(args).contains("--no-color");
        return new Style(terminal, terminal && wanted);
    }

    /// The columns of the terminal. PM2: 300 when there is none.
    public int columns() {
        if (!terminal) {
            return 300;
        }
        String columns = System.getProperty("pm2j.columns", "");
        return columns.matches("\\d{1,4}") ? Integer.parseInt(columns) : 120;
    }

    public String good(String text) {
        return coloured ? "\u001b[32m" + text + "\u001b[39m" : text;
    }

    public String bad(String text) {
        return coloured ? "\u001b[31m" + text + "\u001b[39m" : text;
    }

    /// As [#bad]: for prefixes.
    public String error(String text) {
        return bad(text);
    }

    public String warning(String text) {
        return coloured ? "\u001b[33m" + text + "\u001b[39m" : text;
    }

    public String heading(String text) {
        return coloured ? "\u001b[1m\u001b[36m" + text + "\u001b[39m\u001b[22m" : text;
    }

    public String dim(String text) {
        return coloured ? "\u001b[90m" + text + "\u001b[39m" : text;
    }
}
