package io.pm2j.cli.view;

import io.pm2j.supervisor.app.ProcessView;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The order of a listing: `name`, or `memory:desc`. PM2: `--sort`.
public final class Order {
    private static final Map<String, Comparator<ProcessView>> FIELDS = Map.of(
            "name", Comparator.comparing(ProcessView::name),
            "namespace", Comparator.comparing(ProcessView::namespace),
            "id", Comparator.comparing(ProcessView::pmId),
            "pid", Comparator.comparing(ProcessView::pid),
            "cpu", Comparator.comparing(ProcessView::cpuPercent),
            "memory", Comparator.comparing(ProcessView::memoryBytes),
            "uptime",
                    Comparator.<ProcessView, Long>comparing(ProcessView::startedAtMillis)
                            .reversed(),
            "status", Comparator.comparing(ProcessView::status));

    /// The fields, for a sentence.
    public static final String EXPECTED = "name, namespace, id, pid, cpu, memory, uptime or status, and :asc or :desc";

    private Order() {}

    /// The views in the order that `wish` says; nothing when it says none.
    public static Optional<List<ProcessView>> of(String wish, List<ProcessView> views) {
        String[] parts = wish.split(":", 2);
        Comparator<ProcessView> order = FIELDS.get(parts[0]);
        boolean down = parts.length == 2 && parts[1].equals("desc");
        if (order == null || parts.length == 2 && !down && !parts[1].equals("asc")) {
            return Optional.empty();
        }
        Comparator<ProcessView> wanted = (down ? order.reversed() : order)
                .thenComparing(ProcessView::name)
                .thenComparing(ProcessView::pmId);
        return Optional.of(views.stream().sorted(wanted).toList());
    }
}
