package io.pm2j.daemon.control;

import io.pm2j.supervisor.app.ProcessView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Whose lines `logs` follows: whole apps where a name was typed, so that instances which come later are shown too,
/// and single instances where an id was. Pure.
record Followed(boolean everyone, Set<String> apps, Set<Integer> pmIds) {
    /// What `selectors` mean for the instances there are now; none means everyone.
    static Followed of(List<String> selectors, List<ProcessView> everything) {
        Set<String> apps = new HashSet<>();
        Set<Integer> pmIds = new HashSet<>();
        for (String selector : selectors) {
            List<ProcessView> byText = Selection.byText(selector, everything);
            byText.forEach(view -> apps.add(view.name()));
            if (byText.isEmpty()) {
                Selection.of(List.of(selector), everything).chosen().forEach(view -> pmIds.add(view.pmId()));
            }
        }
        return new Followed(selectors.isEmpty() || selectors.contains("all"), apps, pmIds);
    }

    boolean wants(int pmId, String app) {
        return everyone || apps.contains(app) || pmIds.contains(pmId);
    }
}
