package io.pm2j.config.read;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What somebody wrote about one app, in a file or on the command line; nothing is checked or filled in yet.
///
/// `source` and `path` say where it stands (`ecosystem.json`, `apps[1]`). `envs` holds the `env_NAME` blocks by
/// name. Immutable.
public record AppOptions(String source, String path, Map<Attribute, Node> values, Map<String, Node> envs) {
    public AppOptions {
        values = Collections.unmodifiableMap(copy(values));
        envs = Collections.unmodifiableMap(new LinkedHashMap<>(envs));
    }

    /// Nothing yet.
    public static AppOptions none(String source, String path) {
        return new AppOptions(source, path, new EnumMap<>(Attribute.class), Map.of());
    }

    public AppOptions with(Attribute attribute, Node value) {
        Map<Attribute, Node> more = new EnumMap<>(Attribute.class);
        more.putAll(values);
        more.put(attribute, value);
        return new AppOptions(source, path, more, envs);
    }

    /// These options with those of `other` on top.
    public AppOptions overlaidBy(AppOptions other) {
        Map<Attribute, Node> more = new EnumMap<>(Attribute.class);
        more.putAll(values);
        more.putAll(other.values);
        return new AppOptions(source, path, more, envs);
    }

    public Optional<Node> of(Attribute attribute) {
        return Optional.ofNullable(values.get(attribute)).filter(node -> !(node instanceof Node.Nul));
    }

    /// `EnumMap`'s own copying refuses an empty map of another kind.
    private static Map<Attribute, Node> copy(Map<Attribute, Node> values) {
        EnumMap<Attribute, Node> copy = new EnumMap<>(Attribute.class);
        copy.putAll(values);
        return copy;
    }
}
