package io.pm2j.cli.view;

import io.pm2j.supervisor.control.ControlReply.Happening;
import io.pm2j.supervisor.control.ControlReply.LogLine;
import io.pm2j.supervisor.json.JsonTree;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The last lines of each process, and the figures that programs told of themselves. Thread-safe.
public final class LogBoard {
    /// Begins a line of standard error; no line that is shown has it.
    static final String ERROR = "\u0000";

    private static final int MOST_LINES = 500;
    private static final int MOST_METRICS = 100;

    private final Map<Integer, Deque<String>> lines = new HashMap<>();
    private final Map<Integer, Map<String, String>> metrics = new HashMap<>();

    /// A line out of a file.
    public synchronized void take(LogLine line) {
        add(line.pmId(), line.error(), line.text());
    }

    /// What happened: a line, figures of a program, or something that is not shown.
    public synchronized void take(Happening happening) {
        try {
            JsonTree payload = JsonTree.parse(happening.payload());
            switch (happening.topic()) {
                case "log:out", "log:err" ->
                    add(
                            payload.tree("process").whole("pm_id"),
                            happening.topic().equals("log:err"),
                            payload.text("data").stripTrailing());
                case "axm:monitor" -> figures(payload.tree("process").whole("pm_id"), payload.tree("data"));
                default -> {
                    // for other programs
                }
            }
        } catch (IOException e) {
            // a program may say what it likes
        }
    }

    /// The lines of a process, the newest last.
    public synchronized List<String> lines(int pmId) {
        return List.copyOf(lines.getOrDefault(pmId, new ArrayDeque<>()));
    }

    /// What a process told of itself.
    public synchronized Map<String, String> metrics(int pmId) {
        return new LinkedHashMap<>(metrics.getOrDefault(pmId, Map.of()));
    }

    private void add(int pmId, boolean error, String text) {
        Deque<String> own = lines.computeIfAbsent(pmId, _ -> new ArrayDeque<>());
        own.add((error ? ERROR : "") + Cells.plain(text));
        while (own.size() > MOST_LINES) {
            own.removeFirst();
        }
    }

    /// PM2: `{name: {value, unit}}`.
    private void figures(int pmId, JsonTree data) throws IOException {
        Map<String, String> own = metrics.computeIfAbsent(pmId, _ -> new LinkedHashMap<>());
        for (String name : data.names()) {
            if (data.isTree(name) && data.tree(name).has("value") && own.size() < MOST_METRICS) {
                JsonTree figure = data.tree(name);
                String unit = figure.has("unit") ? " " + figure.scalar("unit") : "";
                own.put(Cells.plain(name), Cells.plain(figure.scalar("value") + unit));
            }
        }
    }
}
