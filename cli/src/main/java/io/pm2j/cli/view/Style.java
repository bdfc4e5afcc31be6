package io.pm2j.cli.view;

import java.util.List;

/// Colours, for a terminal that wants them; none into a pipe, with `NO_COLOR` or `--no-color`.
public final class Style {
    private static final int PIPE_COLUMNS = 300;
    private static final int USUAL_COLUMNS = 120;

    private final boolean terminal;
    private final int columns;
    private final boolean coloured;

    Style(int columns, boolean coloured) {
        this(coloured, columns, coloured);
    }

    private Style(boolean terminal, int columns, boolean coloured) {
        this.terminal = terminal;
        this.columns = columns;
        this.coloured = coloured;
    }

    /// The style for this process's standard output.
    public static Style of(String... args) {
        boolean terminal = System.getProperty("pm2j.terminal", "").equals("true");
        String noColor = System.getenv("NO_COLOR");
        boolean wanted =
                (noColor == null || noColor.isEmpty()) && !List.of(args).contains("--no-color");
        String columns = System.getProperty("pm2j.columns", "");
        int terminalColumns = columns.matches("\\d{1,4}") ? Integer.parseInt(columns) : USUAL_COLUMNS;
        return new Style(terminal, terminal ? terminalColumns : PIPE_COLUMNS, terminal && wanted);
    }

    /// Whether somebody looks at a terminal.
    public boolean terminal() {
        return terminal;
    }

    /// The columns of the terminal. PM2: 300 when there is none.
    public int columns() {
        return columns;
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

    /// What somebody looks for.
    String highlight(String text) {
        return coloured ? "\u001b[100m" + text + "\u001b[49m" : text;
    }

    public String dim(String text) {
        return coloured ? "\u001b[90m" + text + "\u001b[39m" : text;
    }
}
