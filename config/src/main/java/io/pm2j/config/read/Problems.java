package io.pm2j.config.read;

import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Collects everything wrong in one document, so that all of it can be said at once.
final class Problems {
    private final String source;
    private final List<ConfigProblem> found = new ArrayList<>();

    Problems(String source) {
        this.source = source;
    }

    void add(Node at, String path, String sentence) {
        found.add(problem(at, path, sentence));
    }

    void add(ConfigProblem problem) {
        found.add(problem);
    }

    private ConfigProblem problem(Node node, String path, String sentence) {
        Node.Position at = node.at();
        return new ConfigProblem(
                source,
                at.line() > 0 ? OptionalInt.of(at.line()) : OptionalInt.empty(),
                at.line() > 0 && at.column() > 0 ? OptionalInt.of(at.column()) : OptionalInt.empty(),
                path,
                sentence);
    }

    boolean any() {
        return !found.isEmpty();
    }

    List<ConfigProblem> all() {
        return List.copyOf(found);
    }

    void throwIfAny() throws InvalidConfig {
        if (any()) {
            throw new InvalidConfig(found);
        }
    }
}
