package io.pm2j.config.diff;

/// How far a change reaches, the least first.
public enum Way {
    /// The present workers go on and are treated otherwise.
    IN_PLACE("in place"),
    /// New workers take over, without a gap.
    RELOAD("reload"),
    /// Stopped and started: nobody can hold the requests meanwhile.
    RESTART("restart");

    private final String word;

    Way(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }

    static Way farther(Way one, Way other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
