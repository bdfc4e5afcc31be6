package io.pm2j.config.read;

import io.pm2j.config.spec.edge.EdgeFeature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// The reading of one document's `edge`: takes nodes for what they are meant to be, and notes
/// what does not fit, so that the rest is looked at too.
///
/// @param supported what may be asked for; anything else is refused by its name
/// @param folder where the command is typed
/// @param beside the folder of the file
record Reading(Problems problems, Problems warnings, Set<EdgeFeature> supported, Path folder, Path beside) {
    /// Reads one element of a list, at its path.
    interface Element<T> {
        Optional<T> read(Node node, String path);
    }

    void problem(Node at, String path, String sentence) {
        problems.add(at.at(), path, sentence);
    }

    void unexpected(Node found, String path, String expected) {
        problem(found, path, found.shown() + " (expected: " + expected + ")");
    }

    /// Refuses a feature that is not built, once for each place.
    void asksFor(EdgeFeature feature, Node at, String path) {
        if (!supported.contains(feature)) {
            problem(at, path, feature.key() + " is not supported yet");
        }
    }

    /// What `maker` makes; when it refuses, its sentence is the problem.
    <T> Optional<T> made(Node at, String path, Supplier<T> maker) {
        try {
            return Optional.of(maker.get());
        } catch (IllegalArgumentException e) {
            problem(at, path, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    <T> Optional<T> parsed(Node node, String path, String expected, Function<String, T> parse) {
        return text(node, path, expected).flatMap(text -> made(node, path, () -> parse.apply(text)));
    }

    Optional<String> text(Node node, String path, String expected) {
        Optional<String> text = node instanceof Node.Bool ? Optional.empty() : Values.scalar(node);
        Optional<String> filled = text.filter(t -> !t.isBlank() && t.indexOf(0) < 0);
        if (filled.isEmpty()) {
            unexpected(node, path, expected);
        }
        return filled;
    }

    Optional<String> text(Node node, String path) {
        return text(node, path, "a text");
    }

    Optional<Boolean> flag(Node node, String path) {
        if (node instanceof Node.Bool(Node.Position _, boolean value)) {
            return Optional.of(value);
        }
        unexpected(node, path, "true or false");
        return Optional.empty();
    }

    OptionalInt whole(Node node, String path, int least, int most) {
        String digits = Values.scalar(node).orElse("");
        if (digits.matches("-?\\d{1,9}")) {
            int number = Integer.parseInt(digits);
            if (number >= least && number <= most) {
                return OptionalInt.of(number);
            }
        }
        unexpected(node, path, "a whole number from " + least + " to " + most);
        return OptionalInt.empty();
    }

    Optional<Duration> duration(Node node, String path) {
        Optional<Duration> duration = Values.duration(node);
        if (duration.isEmpty()) {
            unexpected(node, path, Values.DURATIONS);
        }
        return duration;
    }

    OptionalLong bytes(Node node, String path) {
        OptionalLong bytes = Values.bytes(node);
        if (bytes.isEmpty()) {
            unexpected(node, path, "bytes, or a size such as 300K, 10M or 1G");
        }
        return bytes;
    }

    /// Relative paths are meant from where the command is typed; what is not there, but stands
    /// beside the file, from the file's folder.
    Optional<Path> path(Node node, String path) {
        return text(node, path, "a path").flatMap(text -> {
            Optional<Path> here = ScriptFinder.path(folder, text);
            if (here.isEmpty()) {
                unexpected(node, path, "a path in this system's encoding");
            }
            return here.map(found -> Files.exists(found)
                    ? found
                    : ScriptFinder.path(beside, text).filter(Files::exists).orElse(found));
        });
    }

    /// An array, or one element without its brackets.
    <T> List<T> list(Node node, String path, Element<T> element) {
        if (!(node instanceof Node.Arr(Node.Position _, List<Node> nodes))) {
            return element.read(node, path).stream().toList();
        }
        List<T> all = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            element.read(nodes.get(i), path + "[" + i + "]").ifPresent(all::add);
        }
        return all;
    }

    List<String> texts(Node node, String path) {
        return list(node, path, this::text);
    }

    /// The keys of an object, or a problem.
    Optional<Keys> keys(Node node, String path, String expected) {
        if (node instanceof Node.Obj object) {
            return Optional.of(new Keys(this, object, path));
        }
        unexpected(node, path, expected);
        return Optional.empty();
    }
}
