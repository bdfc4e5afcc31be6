package io.pm2j.cli.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/// A table with box-drawing borders.
final class Table {
    /// A cell: its text, and a colour put around the padded text.
    record Cell(String text, UnaryOperator<String> colour) {
        static Cell plain(String text) {
            return new Cell(text, UnaryOperator.identity());
        }
    }

    /// A column: its heading, and its least and greatest width in characters.
    record Column(String heading, int least, int most) {}

    private final List<Column> columns;
    private final List<List<Cell>> rows = new ArrayList<>();

    Table(List<Column> columns) {
        this.columns = columns;
    }

    void add(List<Cell> row) {
        rows.add(row);
    }

    /// The lines, without line breaks.
    List<String> lines(Style style) {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            int widest = Math.max(columns.get(i).least, columns.get(i).heading.length());
            for (List<Cell> row : rows) {
                widest = Math.max(widest, row.get(i).text.length());
            }
            widths[i] = Math.min(widest, columns.get(i).most);
        }
        shrink(widths, style.columns());
        List<String> lines = new ArrayList<>();
        lines.add(border("┌", "┬", "┐", widths));
        List<Cell> heading =
                columns.stream().map(c -> new Cell(c.heading, style::heading)).toList();
        lines.add(row(heading, widths));
        lines.add(border("├", "┼", "┤", widths));
        rows.forEach(row -> lines.add(row(row, widths)));
        lines.add(border("└", "┴", "┘", widths));
        return lines;
    }

    /// Takes from the column that is widest beyond its heading until the table fits, or only headings are left.
    private void shrink(int[] widths, int columnsOfTerminal) {
        int surplus = Arrays.stream(widths).sum() + 3 * widths.length + 1 - columnsOfTerminal;
        while (surplus-- > 0) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                if (spare(widths, i) > spare(widths, widest)) {
                    widest = i;
                }
            }
            if (spare(widths, widest) == 0) {
                return;
            }
            widths[widest]--;
        }
    }

    private int spare(int[] widths, int column) {
        return widths[column] - columns.get(column).heading.length();
    }

    private static String border(String left, String middle, String right, int[] widths) {
        StringBuilder line = new StringBuilder(left);
        for (int i = 0; i < widths.length; i++) {
            line.append("─".repeat(widths[i] + 2)).append(i == widths.length - 1 ? right : middle);
        }
        return line.toString();
    }

    private static String row(List<Cell> cells, int[] widths) {
        StringBuilder line = new StringBuilder("│");
        for (int i = 0; i < widths.length; i++) {
            String text = cells.get(i).text;
            String fitted = text.length() > widths[i]
                    ? text.substring(0, widths[i] - 1) + "…"
                    : text + " ".repeat(widths[i] - text.length());
            line.append(' ').append(cells.get(i).colour.apply(fitted)).append(" │");
        }
        return line.toString();
    }
}
