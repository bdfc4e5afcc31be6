package io.pm2j.cli.view;

import io.pm2j.cli.view.Table.Cell;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Standing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What `describe` prints of one instance. PM2's keys, and where the edge listens.
public final class Description {
    private Description() {}

    /// The lines, without line breaks.
    public static List<String> lines(ProcessView view, String nodeEnv, Style style, long nowMillis) {
        List<String[]> rows = new ArrayList<>();
        add(rows, "status", view.status());
        add(rows, "name", view.name());
        add(rows, "namespace", view.namespace());
        add(rows, "version", view.version());
        add(rows, "restarts", String.valueOf(view.restarts()));
        add(rows, "uptime", AppTable.uptime(view, nowMillis));
        add(rows, "script path", view.script());
        add(rows, "script args", String.join(" ", view.args()));
        add(rows, "error log path", view.errorLogPath());
        add(rows, "out log path", view.outLogPath());
        add(rows, "pid path", view.pidPath());
        add(rows, "interpreter", view.interpreter());
        add(rows, "interpreter args", String.join(" ", view.interpreterArgs()));
        add(rows, "script id", String.valueOf(view.pmId()));
        add(rows, "exec cwd", view.cwd());
        add(rows, "exec mode", view.execMode() + "_mode");
        add(rows, "node.js version", view.nodeVersion());
        add(rows, "node env", nodeEnv);
        add(rows, "edge listens", String.join(" ", view.listens()));
        add(rows, "generation", String.valueOf(view.generation()));
        Standing standing = view.standing();
        standing.canary()
                .ifPresent(open -> add(
                        rows,
                        "canary",
                        "generation " + open.generation() + " gets " + open.share()
                                + (standing.onTrial() ? ", of this one" : "")));
        if (!standing.canaryEnded().isEmpty()) {
            add(rows, "canary aborted", standing.canaryEnded());
        }
        if (!standing.maintenance().isEmpty()) {
            add(rows, "maintenance", standing.maintenance());
        }
        standing.oldWorkers()
                .forEach(old -> add(
                        rows,
                        "old worker",
                        "pid " + old.pid() + ", generation " + old.generation() + ", since "
                                + Instant.ofEpochMilli(old.startedAtMillis()) + ", for its streams"));
        for (Standing.Past past : standing.generations().reversed()) {
            add(
                    rows,
                    "served with",
                    "generation " + past.number() + ", since " + Instant.ofEpochMilli(past.sinceMillis())
                            + (past.change().isEmpty() ? "" : ": " + past.change()));
        }
        add(rows, "watch & reload", view.watching() ? "✔" : "✘");
        add(rows, "unstable restarts", String.valueOf(view.unstableRestarts()));
        add(rows, "last exit", view.lastExit());
        add(rows, "last restart because", view.lastReason());
        add(rows, "says of itself", view.said());
        add(rows, "created at", Instant.ofEpochMilli(view.createdAtMillis()).toString());
        int widest = rows.stream().mapToInt(row -> row[0].length()).max().orElse(0);
        int value = rows.stream().mapToInt(row -> row[1].length()).max().orElse(0);
        List<String> lines = new ArrayList<>();
        lines.add(" Describing process with id " + view.pmId() + " - name " + view.name());
        lines.add("┌" + "─".repeat(widest + 2) + "┬" + "─".repeat(value + 2) + "┐");
        for (String[] row : rows) {
            Cell key = new Cell(pad(row[0], widest), style::heading);
            lines.add("│ " + key.colour().apply(key.text()) + " │ " + pad(row[1], value) + " │");
        }
        lines.add("└" + "─".repeat(widest + 2) + "┴" + "─".repeat(value + 2) + "┘");
        return lines;
    }

    private static void add(List<String[]> rows, String key, String value) {
        rows.add(new String[] {key, value.isEmpty() ? "N/A" : value});
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
