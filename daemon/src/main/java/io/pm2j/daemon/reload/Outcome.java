package io.pm2j.daemon.reload;

import java.util.List;

/// How the last try to take a file up went. `appliedAtMillis` and `digest` are of the last that went well, 0 and empty
/// before; `problems` are why the last one did not, and are empty when it did.
record Outcome(long appliedAtMillis, String digest, List<String> problems) {
    static final Outcome NONE = new Outcome(0, "", List.of());

    Outcome {
        problems = List.copyOf(problems);
    }

    boolean good() {
        return problems.isEmpty();
    }

    Outcome failed(List<String> why) {
        return new Outcome(appliedAtMillis, digest, why);
    }

    static Outcome applied(String digest) {
        return new Outcome(System.currentTimeMillis(), digest, List.of());
    }
}
