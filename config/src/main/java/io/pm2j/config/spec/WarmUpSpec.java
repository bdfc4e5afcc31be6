package io.pm2j.config.spec;

/// What a new worker is asked before it counts as ready: `count` times `GET path`, answered below 500 each.
public record WarmUpSpec(String path, int count) {
    public WarmUpSpec {
        if (!path.matches("/[\\x21-\\x7e]*")) {
            throw new IllegalArgumentException("warmup: '" + path + "' (expected: a path such as /health)");
        }
        if (count < 1) {
            throw new IllegalArgumentException("warmup_count: " + count + " (expected: >= 1)");
        }
    }
}
