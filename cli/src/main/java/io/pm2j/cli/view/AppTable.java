package io.pm2j.cli.view;

import io.pm2j.cli.view.Table.Cell;
import io.pm2j.cli.view.Table.Column;
import io.pm2j.supervisor.app.ProcessView;
import java.util.List;
import java.util.Locale;

/// The table of `ls`: PM2's columns, fewer of them on a narrow terminal.
public final class AppTable {
    private static final int FULL_COLUMNS = 134;
    private static final int CONDENSED_COLUMNS = 70;

    private AppTable() {}

    /// The lines, without line breaks. `nowMillis` is the epoch time that uptimes are counted to.
    public static List<String> lines(List<ProcessView> processes, Style style, long nowMillis) {
        if (style.columns() >= FULL_COLUMNS) {
            return full(processes, style, nowMillis);
        }
        return style.columns() >= CONDENSED_COLUMNS ? condensed(processes, style) : mini(processes, style);
    }

    private static List<String> full(List<ProcessView> processes, Style style, long nowMillis) {
        Table table = new Table(List.of(
                new Column("id", 2, 6),
                new Column("name", 10, 40),
                new Column("namespace", 11, 20),
                new Column("version", 7, 12),
                new Column("mode", 7, 8),
                new Column("pid", 8, 8),
                new Column("uptime", 6, 8),
                new Column("↺", 4, 6),
                new Column("status", 9, 9),
                new Column("cpu", 8, 8),
                new Column("mem", 8, 10),
                new Column("user", 8, 12),
                new Column("watching", 8, 8)));
        for (ProcessView view : processes) {
            table.add(List.of(
                    new Cell(String.valueOf(view.pmId()), style::heading),
                    Cell.plain(view.name()),
                    Cell.plain(view.namespace()),
                    Cell.plain(view.version()),
                    Cell.plain(view.execMode()),
                    Cell.plain(pid(view)),
                    Cell.plain(uptime(view, nowMillis)),
                    Cell.plain(String.valueOf(view.restarts())),
                    status(view, style),
                    Cell.plain(cpu(view)),
                    Cell.plain(size(view.memoryBytes())),
                    Cell.plain(view.user()),
                    Cell.plain(view.watching() ? "enabled" : "disabled")));
        }
        return table.lines(style);
    }

    private static List<String> condensed(List<ProcessView> processes, Style style) {
        Table table = new Table(List.of(
                new Column("id", 2, 6),
                new Column("name", 18, 30),
                new Column("mode", 8, 8),
                new Column("↺", 4, 6),
                new Column("status", 9, 9),
                new Column("cpu", 8, 8),
                new Column("memory", 8, 10)));
        for (ProcessView view : processes) {
            table.add(List.of(
                    new Cell(String.valueOf(view.pmId()), style::heading),
                    Cell.plain(view.name()),
                    Cell.plain(view.execMode()),
                    Cell.plain(String.valueOf(view.restarts())),
                    status(view, style),
                    Cell.plain(cpu(view)),
                    Cell.plain(size(view.memoryBytes()))));
        }
        return table.lines(style);
    }

    private static List<String> mini(List<ProcessView> processes, Style style) {
        Table table = new Table(List.of(
                new Column("id", 2, 4),
                new Column("name", 8, 16),
                new Column("status", 8, 9),
                new Column("cpu", 4, 6),
                new Column("mem", 6, 8)));
        for (ProcessView view : processes) {
            table.add(List.of(
                    new Cell(String.valueOf(view.pmId()), style::heading),
                    Cell.plain(view.name()),
                    status(view, style),
                    Cell.plain(cpu(view)),
                    Cell.plain(size(view.memoryBytes()))));
        }
        return table.lines(style);
    }

    private static Cell status(ProcessView view, Style style) {
        return switch (view.status()) {
            case "online" -> new Cell(view.status(), style::good);
            case "launching" -> new Cell(view.status(), style::warning);
            // PM2 cuts the longer words to the column as well.
            case "waiting restart" -> new Cell("waiting …", style::warning);
            default -> new Cell(view.status(), style::bad);
        };
    }

    private static String pid(ProcessView view) {
        return view.pid() == 0 ? "0" : String.valueOf(view.pid());
    }

    private static String cpu(ProcessView view) {
        double share = view.cpuPercent();
        return (share == Math.rint(share) ? String.valueOf((long) share) : String.valueOf(share)) + "%";
    }

    static String uptime(ProcessView view, long nowMillis) {
        if (view.pid() == 0 || view.startedAtMillis() == 0) {
            return "0";
        }
        long seconds = Math.max(0, (nowMillis - view.startedAtMillis()) / 1_000);
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + "m";
        }
        return seconds < 86_400 ? seconds / 3_600 + "h" : seconds / 86_400 + "D";
    }

    /// PM2: `45.2mb`.
    static String size(long bytes) {
        if (bytes < 1_024) {
            return bytes + "b";
        }
        String[] units = {"kb", "mb", "gb", "tb"};
        double size = bytes / 1_024.0;
        int unit = 0;
        while (size >= 1_024 && unit < units.length - 1) {
            size /= 1_024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f%s", size, units[unit]);
    }
}
