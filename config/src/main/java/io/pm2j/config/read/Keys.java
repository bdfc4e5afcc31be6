package io.pm2j.config.read;

import io.pm2j.config.spec.edge.EdgeFeature;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The keys of one object. Whatever is asked for is known by that; [#done] refuses what is left
/// over.
///
/// A key may be written in camelCase too. `null` is as if the key were not there.
final class Keys {
    private final Reading reading;
    private final Node.Obj object;
    private final String path;
    private final Set<String> known = new TreeSet<>();

    Keys(Reading reading, Node.Obj object, String path) {
        this.reading = reading;
        this.object = object;
        this.path = path;
    }

    Node.Obj object() {
        return object;
    }

    String path() {
        return path;
    }

    String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    Optional<Node> of(String key) {
        known.add(key);
        Node written = object.fields().get(key);
        Node camel = object.fields().get(camel(key));
        if (written != null && camel != null && written != camel) {
            reading.problem(camel, path, "'" + key + "' is given twice (expected: once)");
        }
        return Optional.ofNullable(written != null ? written : camel).filter(node -> !(node instanceof Node.Nul));
    }

    /// A key with a second name.
    Optional<Node> of(String key, String alias) {
        Optional<Node> first = of(key);
        Optional<Node> second = of(alias);
        if (first.isPresent() && second.isPresent()) {
            reading.problem(
                    second.get(), path(alias), "means the same as '" + key + "', which is here too (expected: one)");
        }
        return first.or(() -> second);
    }

    /// The key of a feature; refuses the feature when it is not built. `false` asks for nothing.
    Optional<Node> of(EdgeFeature feature) {
        Optional<Node> node = of(feature.key());
        node.filter(value -> !off(value)).ifPresent(value -> reading.asksFor(feature, value, path(feature.key())));
        return node;
    }

    Optional<String> text(String key) {
        return of(key).flatMap(node -> reading.text(node, path(key)));
    }

    boolean flag(String key, boolean otherwise) {
        return of(key).flatMap(node -> reading.flag(node, path(key))).orElse(otherwise);
    }

    int whole(String key, int least, int most, int otherwise) {
        return of(key).map(node -> reading.whole(node, path(key), least, most).orElse(otherwise))
                .orElse(otherwise);
    }

    Duration duration(String key, Duration otherwise) {
        return of(key).flatMap(node -> reading.duration(node, path(key))).orElse(otherwise);
    }

    /// Refuses every key that nobody asked for.
    void done() {
        for (String name : object.fields().keySet()) {
            if (known.stream().noneMatch(key -> key.equals(name) || camel(key).equals(name))) {
                String expected = Nearest.to(name, known)
                        .map(near -> " (did you mean '" + near + "'?)")
                        .orElse(" (expected: " + String.join(", ", known) + ")");
                reading.problems().add(object.nameAt(name), path, "unknown key '" + name + "'" + expected);
            }
        }
    }

    static boolean off(Node node) {
        return node instanceof Node.Bool(Node.Position _, boolean on) && !on;
    }

    static boolean on(Node node) {
        return node instanceof Node.Bool(Node.Position _, boolean on) && on;
    }

    static String camel(String snake) {
        StringBuilder text = new StringBuilder();
        for (String word : snake.split("_")) {
            text.append(text.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return text.toString();
    }
}
