package io.pm2j.proxy.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The routes that are measured by name, each with a small number that a loop finds it by. Their
/// count is bounded over the life of the process: those that come later are measured together as
/// `other`. Any thread.
public final class RouteMeters {
    /// Routes with a name of their own.
    public static final int MOST = 100;
    /// The number of all others, and of requests that no route took.
    public static final int OTHER = 0;

    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    RouteMeters() {
        numbers.put("other", OTHER);
    }

    /// The number of a route, the same for the same name; to be asked for when routes are built.
    public synchronized int of(String route) {
        Integer known = numbers.get(route);
        if (known != null) {
            return known;
        }
        if (numbers.size() > MOST) {
            return OTHER;
        }
        int next = numbers.size();
        numbers.put(route, next);
        return next;
    }

    /// By number.
    synchronized List<String> names() {
        return new ArrayList<>(numbers.keySet());
    }
}
