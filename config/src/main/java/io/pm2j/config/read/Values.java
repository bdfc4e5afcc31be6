package io.pm2j.config.read;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the values of one app's options as what they are meant to be. What does not fit is noted as a problem, and the
/// given default goes on instead, so that the rest is looked at too.
final class Values {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h)?");

    /// What a duration may be, for a sentence.
    static final String DURATIONS = "milliseconds, or a duration such as 500ms, 5s, 2m or 1h";

    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kKmMgG]?)[bB]?");

    /// No path, argument or variable can have it.
    private static final char NUL = 0;

    private final AppOptions options;
    private final Node.Position at;
    private final Problems problems;

    /// `at` is where the app begins: the place of what it does not say.
    Values(AppOptions options, Node.Position at, Problems problems) {
        this.options = options;
        this.at = at;
        this.problems = problems;
    }

    String path(Attribute attribute) {
        return options.path().isEmpty() ? attribute.text() : options.path() + "." + attribute.text();
    }

    void problem(Attribute attribute, String sentence) {
        problems.add(options.of(attribute).map(Node::at).orElse(at), path(attribute), sentence);
    }

    private void unexpected(Attribute attribute, Node node, String expected) {
        problems.add(node.at(), path(attribute), node.shown() + " (expected: " + expected + ")");
    }

    boolean given(Attribute attribute) {
        return options.of(attribute).isPresent();
    }

    Optional<String> text(Attribute attribute) {
        return options.of(attribute).flatMap(node -> switch (node) {
            case Node.Text(Node.Position _, String text)
            when !text.isBlank() && text.indexOf(NUL) < 0 -> Optional.of(text);
            case Node.Num(Node.Position _, String text) -> Optional.of(text);
            case Node.Bool(Node.Position _, boolean value)
            when attribute == Attribute.LOG_FILE -> Optional.of(String.valueOf(value));
            case Node.Text _, Node.Bool _, Node.Obj _, Node.Arr _, Node.Nul _ -> {
                unexpected(attribute, node, "a text");
                yield Optional.empty();
            }
        });
    }

    /// A path against `folder`.
    Optional<Path> path(Attribute attribute, Path folder) {
        return text(attribute).flatMap(text -> {
            Optional<Path> path = ScriptFinder.path(folder, text);
            if (path.isEmpty()) {
                problem(attribute, "'" + text + "' (expected: a path in this system's encoding)");
            }
            return path;
        });
    }

    boolean flag(Attribute attribute, boolean otherwise) {
        return flag(attribute).orElse(otherwise);
    }

    Optional<Boolean> flag(Attribute attribute) {
        return options.of(attribute).flatMap(node -> switch (node) {
            case Node.Bool(Node.Position _, boolean value) -> Optional.of(value);
            case Node.Text(Node.Position _, String text) when text.equals("true") -> Optional.of(true);
            case Node.Text(Node.Position _, String text) when text.equals("false") -> Optional.of(false);
            case Node.Text _, Node.Num _, Node.Obj _, Node.Arr _, Node.Nul _ -> {
                unexpected(attribute, node, "true or false");
                yield Optional.empty();
            }
        });
    }

    OptionalInt whole(Attribute attribute, int least, int most) {
        Optional<Node> node = options.of(attribute);
        if (node.isEmpty()) {
            return OptionalInt.empty();
        }
        Optional<String> digits = scalar(node.get());
        if (digits.isPresent() && digits.get().matches("-?\\d{1,9}")) {
            int number = Integer.parseInt(digits.get());
            if (number >= least && number <= most) {
                return OptionalInt.of(number);
            }
        }
        unexpected(attribute, node.get(), "a whole number from " + least + " to " + most);
        return OptionalInt.empty();
    }

    /// A number of milliseconds, or `500ms`, `5s`, `2m`, `1h`.
    Duration duration(Attribute attribute, Duration otherwise) {
        Optional<Node> node = options.of(attribute);
        if (node.isEmpty()) {
            return otherwise;
        }
        Optional<Duration> duration = duration(node.get());
        if (duration.isEmpty()) {
            unexpected(attribute, node.get(), DURATIONS);
        }
        return duration.orElse(otherwise);
    }

    /// As [#duration(Attribute, Duration)]; empty when it is none.
    static Optional<Duration> duration(Node node) {
        Matcher matcher = DURATION.matcher(scalar(node).orElse(""));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    case null, default -> Duration.ofMillis(number);
                });
    }

    /// PM2: a number, `max`, 0 (as `max`) or a negative number (so many fewer than processors); at least 1.
    OptionalInt instances(int processors) {
        Optional<Node> node = options.of(Attribute.INSTANCES);
        if (node.isEmpty()) {
            return OptionalInt.empty();
        }
        String text = scalar(node.get()).orElse("");
        if (text.equals("max")) {
            return OptionalInt.of(processors);
        }
        if (text.matches("-?\\d{1,4}")) {
            int number = Integer.parseInt(text);
            return OptionalInt.of(number > 0 ? number : Math.max(1, processors + number));
        }
        unexpected(Attribute.INSTANCES, node.get(), "a number, 'max', 0, or a negative number");
        return OptionalInt.empty();
    }

    /// A text that is split at blanks (quotes keep blanks), or an array of scalars.
    List<String> words(Attribute attribute) {
        return options.of(attribute).map(node -> words(attribute, node)).orElse(List.of());
    }

    private List<String> words(Attribute attribute, Node node) {
        return switch (node) {
            case Node.Text(Node.Position _, String text) when text.indexOf(NUL) < 0 -> Words.split(text);
            case Node.Num(Node.Position _, String text) -> List.of(text);
            case Node.Bool(Node.Position _, boolean value) -> List.of(String.valueOf(value));
            case Node.Arr(Node.Position _, List<Node> elements) -> {
                List<String> words = new ArrayList<>();
                for (Node element : elements) {
                    scalar(element)
                            .filter(word -> word.indexOf(NUL) < 0)
                            .ifPresentOrElse(words::add, () -> unexpected(attribute, element, "a text or a number"));
                }
                yield words;
            }
            case Node.Text _, Node.Obj _, Node.Nul _ -> {
                unexpected(attribute, node, "a text or an array");
                yield List.of();
            }
        };
    }

    /// An `env` block: names and scalars; objects and arrays become JSON text, as with PM2.
    Map<String, String> environment(Node node, String path) {
        Map<String, String> env = new LinkedHashMap<>();
        if (!(node instanceof Node.Obj(Node.Position _, Map<String, Node> fields, var _))) {
            problems.add(node.at(), path, node.shown() + " (expected: an object of names and values)");
            return env;
        }
        fields.forEach((name, value) -> {
            String text = scalar(value).orElseGet(() -> JsonText.of(value));
            if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf(NUL) >= 0) {
                problems.add(value.at(), path, "'" + name + "' (expected: a variable name without '=')");
            } else if (text.indexOf(NUL) >= 0) {
                problems.add(value.at(), path + "." + name, "has a NUL character (expected: none)");
            } else if (!(value instanceof Node.Nul)) {
                env.put(name, text);
            }
        });
        return env;
    }

    /// A size: bytes, or a number with `K`, `M` or `G`. PM2: max_memory_restart.
    OptionalLong bytes(Attribute attribute) {
        Optional<Node> node = options.of(attribute);
        if (node.isEmpty()) {
            return OptionalLong.empty();
        }
        OptionalLong size = bytes(node.get());
        if (size.isEmpty()) {
            unexpected(attribute, node.get(), "bytes, or a size such as 300M or 1G");
        }
        return size;
    }

    /// As [#bytes(Attribute)]; empty when it is none.
    static OptionalLong bytes(Node node) {
        Matcher matcher = SIZE.matcher(scalar(node).orElse(""));
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        int shift = "kmg".indexOf(matcher.group(2).toLowerCase(Locale.ROOT)) + 1;
        return OptionalLong.of(
                Long.parseLong(matcher.group(1)) << (matcher.group(2).isEmpty() ? 0 : 10 * shift));
    }

    Optional<Node> node(Attribute attribute) {
        return options.of(attribute);
    }

    /// The fields of an object of which only `known` ones may be there.
    Map<String, Node> fields(Attribute attribute, List<String> known) {
        Node node = options.of(attribute).orElseThrow();
        if (!(node instanceof Node.Obj object)) {
            unexpected(attribute, node, "true, false, or an object of " + String.join(", ", known));
            return Map.of();
        }
        for (String name : object.fields().keySet()) {
            if (!known.contains(name)) {
                problems.add(
                        object.nameAt(name),
                        path(attribute),
                        "unknown '" + name + "' (expected: " + String.join(", ", known) + ")");
            }
        }
        return object.fields();
    }

    static Optional<String> scalar(Node node) {
        return switch (node) {
            case Node.Text(Node.Position _, String text) -> Optional.of(text);
            case Node.Num(Node.Position _, String text) -> Optional.of(text);
            case Node.Bool(Node.Position _, boolean value) -> Optional.of(String.valueOf(value));
            case Node.Obj _, Node.Arr _, Node.Nul _ -> Optional.empty();
        };
    }
}
