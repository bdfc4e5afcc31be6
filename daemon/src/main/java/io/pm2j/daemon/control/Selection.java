package io.pm2j.daemon.control;

import io.pm2j.supervisor.app.ProcessView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// What selectors mean: the instances chosen, and the selectors that chose none. Pure.
///
/// PM2's order: a name wins over a namespace, and both over an id, even when a name looks like a number; `/web/` is
/// a regular expression for names, `all` is everything.
record Selection(List<ProcessView> chosen, List<String> unknown) {
    static Selection of(List<String> selectors, List<ProcessView> everything) {
        Set<ProcessView> chosen = new LinkedHashSet<>();
        List<String> unknown = new ArrayList<>();
        for (String selector : selectors) {
            List<ProcessView> found = one(selector, everything);
            if (found.isEmpty()) {
                unknown.add(selector);
            }
            chosen.addAll(found);
        }
        return new Selection(List.copyOf(chosen), unknown);
    }

    private static List<ProcessView> one(String selector, List<ProcessView> everything) {
        if (selector.equals("all")) {
            return everything;
        }
        List<ProcessView> byText = byText(selector, everything);
        if (!byText.isEmpty()) {
            return byText;
        }
        if (isPattern(selector)) {
            return byPattern(selector.substring(1, selector.length() - 1), everything);
        }
        return everything.stream()
                .filter(v -> String.valueOf(v.pmId()).equals(selector))
                .toList();
    }

    /// PM2: between slashes stands a regular expression, which is looked for in names.
    static boolean isPattern(String selector) {
        return selector.length() > 2 && selector.startsWith("/") && selector.endsWith("/");
    }

    /// A pattern that is none chooses nothing.
    private static List<ProcessView> byPattern(String regex, List<ProcessView> everything) {
        try {
            Predicate<String> found = Pattern.compile(regex).asPredicate();
            return everything.stream().filter(v -> found.test(v.name())).toList();
        } catch (PatternSyntaxException e) {
            return List.of();
        }
    }

    /// The instances that a selector chooses as a name, a script or a namespace; an id chooses none here.
    static List<ProcessView> byText(String selector, List<ProcessView> everything) {
        List<ProcessView> byName = everything.stream()
                .filter(v -> v.name().equals(selector) || v.script().equals(selector))
                .toList();
        if (!byName.isEmpty()) {
            return byName;
        }
        return everything.stream().filter(v -> v.namespace().equals(selector)).toList();
    }

    /// The chosen pm ids by app name, in the order of choice.
    Map<String, Set<Integer>> byApp() {
        Map<String, Set<Integer>> ids = new LinkedHashMap<>();
        for (ProcessView view : chosen) {
            ids.computeIfAbsent(view.name(), _ -> new LinkedHashSet<>()).add(view.pmId());
        }
        return ids;
    }
}
