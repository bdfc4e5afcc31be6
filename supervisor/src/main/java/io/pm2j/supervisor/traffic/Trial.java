package io.pm2j.supervisor.traffic;

import java.util.Set;

/// These workers are of a new version, and get this of the requests, however many they are.
public record Trial(Set<Long> workers, Share share) {
    public Trial {
        workers = Set.copyOf(workers);
    }
}
