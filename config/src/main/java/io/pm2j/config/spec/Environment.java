package io.pm2j.config.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The variables of an app before pm2j adds its own: the caller's, and over them those that the app asks for.
///
/// The two are kept apart, so that a variable which is taken out of the file is gone at the next reload, and so that
/// `--update-env` can replace the caller's alone. `dropped` are PM2's `filter_env`: names of the caller's that
/// contain one of these texts are left out; the empty text is in every name.
///
/// `instanceVariable` (`instance_var`) is where an instance finds its number; `counted`
/// (`increment_var`) names a variable of the app to whose number each instance's own is added.
public record Environment(
        Map<String, String> caller,
        Map<String, String> own,
        List<String> dropped,
        String instanceVariable,
        Optional<String> counted) {
    /// PM2: NODE_APP_INSTANCE.
    public static final String INSTANCE_VARIABLE = "NODE_APP_INSTANCE";

    public static final Environment NONE = of(Map.of());

    public Environment {
        caller = Collections.unmodifiableMap(new LinkedHashMap<>(caller));
        own = Collections.unmodifiableMap(new LinkedHashMap<>(own));
        dropped = List.copyOf(dropped);
    }

    public static Environment of(Map<String, String> own) {
        return new Environment(Map.of(), own, List.of(), INSTANCE_VARIABLE, Optional.empty());
    }

    /// What the app sees.
    public Map<String, String> merged() {
        Map<String, String> all = caller.entrySet().stream()
                .filter(e -> dropped.stream().noneMatch(e.getKey()::contains))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, _) -> a, LinkedHashMap::new));
        all.putAll(own);
        return all;
    }

    public Environment withCaller(Map<String, String> other) {
        return new Environment(other, own, dropped, instanceVariable, counted);
    }

    /// Leaves the values out: they may hold secrets.
    @Override
    public String toString() {
        return "Environment[" + caller.size() + " of the caller, " + own.keySet() + "]";
    }
}
