package io.pm2j.config.read;

import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.Node.Position;
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

    String source() {
        return source;
    }

    void add(Position at, String path, String sentence) {
        OptionalInt line = at.line() > 0 ? OptionalInt.of(at.line()) : OptionalInt.empty();
        OptionalInt column = at.line() > 0 && at.column() > 0 ? OptionalInt.of(at.column()) : OptionalInt.empty();
        found.add(new ConfigProblem(source, line, column, path, sentence));
    }

    void addAll(Problems others) {
        found.addAll(others.found);
    }

    boolean any() {
        return !found.isEmpty();
    }

    int count() {
        return found.size();
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
