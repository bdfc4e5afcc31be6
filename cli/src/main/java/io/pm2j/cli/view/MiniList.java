package io.pm2j.cli.view;

import io.pm2j.supervisor.app.ProcessView;
import java.util.ArrayList;
import java.util.List;

/// A block of `key : value` lines for each instance, for narrow screens and for grep. PM2: `list -m`.
public final class MiniList {
    private MiniList() {}

    /// The lines, without line breaks.
    public static List<String> lines(List<ProcessView> views, long nowMillis) {
        List<String> lines = new ArrayList<>();
        for (ProcessView view : views) {
            lines.add("+--- " + view.name());
            lines.add("namespace : " + view.namespace());
            lines.add("version : " + view.version());
            lines.add("pid : " + view.pid());
            lines.add("pm2 id : " + view.pmId());
            lines.add("status : " + view.status());
            lines.add("mode : " + view.execMode());
            lines.add("restarted : " + view.restarts());
            lines.add("uptime : " + AppTable.uptime(view, nowMillis));
            lines.add("memory usage : " + AppTable.size(view.memoryBytes()));
            lines.add("error log : " + view.errorLogPath());
            lines.add("watching : " + (view.watching() ? "yes" : "no"));
            lines.add("PID file : " + view.pidPath());
            lines.add("");
        }
        return lines;
    }
}
