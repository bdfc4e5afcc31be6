package io.pm2j.cli.view;

import io.pm2j.supervisor.app.ProcessView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The screen of `monit`, as PM2's: the processes, the logs of the chosen one, its metrics and what it is. Pure.
///
/// ```
/// ┌ Process List ────────┐┌ api Logs ─────────┐
/// │ [0] api  Mem:  CPU:  ││ ...               │
/// └──────────────────────┘└───────────────────┘
/// ┌ Custom Metrics ──────┐┌ Metadata ─────────┐
/// └──────────────────────┘└───────────────────┘
/// ```
public final class Dashboard {
    private static final int LEAST_LEFT = 38;
    private static final int LOWER_ROWS = 12;
    private static final int LEAST_ROWS = 10;
    private static final int LEAST_COLUMNS = 60;
    private static final String KEYS = " up/down: choose a process   q: quit";

    private Dashboard() {}

    /// What there is to show; `lines` and `metrics` are of the chosen process.
    public record Picture(List<ProcessView> views, int chosen, List<String> lines, Map<String, String> metrics) {
        public Picture {
            views = List.copyOf(views);
            lines = List.copyOf(lines);
            metrics = new LinkedHashMap<>(metrics);
        }
    }

    /// Exactly `rows` lines of exactly `columns` cells.
    public static List<String> lines(Picture picture, Style style, int columns, int rows, long nowMillis) {
        if (rows < LEAST_ROWS || columns < LEAST_COLUMNS) {
            return small(columns, rows);
        }
        int lower = Math.min(LOWER_ROWS, rows / 2);
        int upper = rows - lower - 1;
        int left = Math.max(LEAST_LEFT, columns * 2 / 5);
        int right = columns - left;
        List<String> screen = new ArrayList<>();
        beside(
                screen,
                box("Process List", list(picture, style, left - 2, upper - 2), left, upper, style),
                box(title(picture), logs(picture, style, right - 2, upper - 2), right, upper, style));
        beside(
                screen,
                box("Custom Metrics", pairs(picture.metrics, style, left - 2), left, lower, style),
                box("Metadata", metadata(picture, style, right - 2, nowMillis), right, lower, style));
        screen.add(style.dim(Cells.fit(KEYS, columns)));
        return screen;
    }

    private static List<String> small(int columns, int rows) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            lines.add(Cells.fit(
                    i == 0 ? "monit wants " + LEAST_COLUMNS + " columns and " + LEAST_ROWS + " rows" : "", columns));
        }
        return lines;
    }

    private static String title(Picture picture) {
        return picture.views.isEmpty()
                ? "Logs"
                : Cells.plain(picture.views.get(picture.chosen).name()) + " Logs";
    }

    /// Scrolled so that the chosen one is to be seen.
    private static List<String> list(Picture picture, Style style, int width, int height) {
        List<String> lines = new ArrayList<>();
        if (picture.views.isEmpty()) {
            return List.of(Cells.fit(" no process", width));
        }
        int first = Math.max(0, Math.min(picture.chosen - height / 2, picture.views.size() - height));
        for (int i = first; i < Math.min(picture.views.size(), first + height); i++) {
            ProcessView view = picture.views.get(i);
            String figures = String.format(
                    "%8s %3.0f%% %s",
                    AppTable.size(view.memoryBytes()), view.cpuPercent(), Cells.fit(view.status(), 9));
            String mark = i == picture.chosen ? ">" : " ";
            String name = Cells.fit(mark + "[" + view.pmId() + "] " + view.name(), width - figures.length());
            String line = name + figures;
            boolean well = view.status().equals("online");
            UnaryOperator<String> colour = i == picture.chosen ? style::highlight : well ? style::good : style::bad;
            lines.add(colour.apply(line));
        }
        return lines;
    }

    private static List<String> logs(Picture picture, Style style, int width, int height) {
        List<String> all = picture.lines;
        return all.subList(Math.max(0, all.size() - height), all.size()).stream()
                .map(line -> line.startsWith(LogBoard.ERROR)
                        ? style.bad(Cells.fit(" " + line.substring(1), width))
                        : Cells.fit(" " + line, width))
                .toList();
    }

    private static List<String> metadata(Picture picture, Style style, int width, long nowMillis) {
        if (picture.views.isEmpty()) {
            return List.of();
        }
        ProcessView view = picture.views.get(picture.chosen);
        Map<String, String> pairs = new LinkedHashMap<>();
        pairs.put("App Name", view.name());
        pairs.put("Namespace", view.namespace());
        pairs.put("Version", view.version());
        pairs.put("Restarts", view.restarts() + " (unstable " + view.unstableRestarts() + ")");
        pairs.put("Uptime", AppTable.uptime(view, nowMillis));
        pairs.put("Script path", view.script());
        pairs.put("Script args", String.join(" ", view.args()));
        pairs.put("Interpreter", view.interpreter() + " " + String.join(" ", view.interpreterArgs()));
        pairs.put("Exec mode", view.execMode());
        pairs.put("Edge listens", String.join(" ", view.listens()));
        pairs.put("Node.js version", view.nodeVersion());
        pairs.put("Last exit", view.lastExit());
        pairs.put("Watch & reload", view.watching() ? "yes" : "no");
        pairs.put("Created at", Instant.ofEpochMilli(view.createdAtMillis()).toString());
        pairs.values().removeIf(String::isBlank);
        return pairs(pairs, style, width);
    }

    private static List<String> pairs(Map<String, String> pairs, Style style, int width) {
        int widest = Math.min(
                width / 2,
                pairs.keySet().stream().mapToInt(String::length).max().orElse(0) + 2);
        return pairs.entrySet().stream()
                .map(pair -> style.heading(Cells.fit(" " + pair.getKey(), widest))
                        + Cells.fit(" " + pair.getValue(), width - widest))
                .toList();
    }

    /// `inside` is of lines of `width - 2` cells; what does not fit in height is left out.
    private static List<String> box(String title, List<String> inside, int width, int height, Style style) {
        List<String> box = new ArrayList<>();
        String head = Cells.fit(" " + title + " ", Math.min(title.length() + 2, width - 2));
        box.add(style.dim("┌") + style.heading(head) + style.dim("─".repeat(width - 2 - head.length()) + "┐"));
        for (int i = 0; i < height - 2; i++) {
            String line = i < inside.size() ? inside.get(i) : " ".repeat(width - 2);
            box.add(style.dim("│") + line + style.dim("│"));
        }
        box.add(style.dim("└" + "─".repeat(width - 2) + "┘"));
        return box;
    }

    private static void beside(List<String> screen, List<String> left, List<String> right) {
        for (int i = 0; i < left.size(); i++) {
            screen.add(left.get(i) + right.get(i));
        }
    }
}
