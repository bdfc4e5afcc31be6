package io.pm2j.config.spec.edge;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What the edge says itself instead of an origin.
///
/// @param errors files by status for the edge's own errors; 4 and 5 are the whole class
public record PagesSpec(Map<Integer, Path> errors, Optional<Maintenance> maintenance) {
    public static final PagesSpec NONE = new PagesSpec(Map.of(), Optional.empty());

    /// Requests are answered 503 while it is there, but for those from `allow`.
    public record Maintenance(Optional<Path> page, List<Cidr> allow, Optional<Duration> retryAfter) {
        public static final Maintenance PLAIN = new Maintenance(Optional.empty(), List.of(), Optional.empty());

        public Maintenance {
            allow = List.copyOf(allow);
        }
    }

    public PagesSpec {
        errors = Collections.unmodifiableMap(new TreeMap<>(errors));
        for (int status : errors.keySet()) {
            boolean known = status == 4 || status == 5 || status >= 400 && status <= 599;
            Rules.require(known, "status " + status, "400 to 599, 4xx or 5xx");
        }
    }

    /// The file for a status of the edge's own.
    public Optional<Path> page(int status) {
        return Optional.ofNullable(errors.get(status)).or(() -> Optional.ofNullable(errors.get(status / 100)));
    }
}
