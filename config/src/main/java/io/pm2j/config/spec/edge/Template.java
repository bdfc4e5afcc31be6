package io.pm2j.config.spec.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A text with places that a request fills: `https://{host}{path}`, `/items/{1}`. `{{` is a
/// brace.
///
/// Parts are filled as text and never looked at again, so what a request says cannot bring in a
/// place of its own.
public record Template(String text, List<Part> parts) {
    private static final Map<String, Place> PLACES = places();

    /// What a place is filled with.
    public enum Place {
        SCHEME,
        /// Without the port.
        HOST,
        PORT,
        METHOD,
        /// As it came, without the query.
        PATH,
        /// Without its question mark; empty when there is none.
        QUERY,
        /// Path and query as they came.
        URI,
        CLIENT_IP,
        REQUEST_ID;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// One piece of a template.
    public sealed interface Part {
        record Literal(String text) implements Part {}

        record Filled(Place place) implements Part {}

        /// A group of the regular expression that matched; 0 is all of it.
        record Group(int number) implements Part {}
    }

    public Template {
        parts = List.copyOf(parts);
    }

    /// @throws IllegalArgumentException when a place is unknown or a brace stands alone
    public static Template parse(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean twice = i + 1 < text.length() && text.charAt(i + 1) == c;
            if ((c == '{' || c == '}') && twice) {
                literal.append(c);
                i++;
            } else if (c == '{') {
                int end = text.indexOf('}', i);
                Rules.require(end > 0, Rules.quoted(text), "a } for each {");
                flush(literal, parts);
                parts.add(place(text.substring(i + 1, end)));
                i = end;
            } else {
                Rules.require(c != '}', Rules.quoted(text), "a { for each }, or }} for a brace");
                literal.append(c);
            }
        }
        flush(literal, parts);
        return new Template(text, parts);
    }

    /// A template that fills nothing.
    public static Template literal(String text) {
        return new Template(text, text.isEmpty() ? List.of() : List.of(new Part.Literal(text)));
    }

    private static void flush(StringBuilder literal, List<Part> parts) {
        if (!literal.isEmpty()) {
            parts.add(new Part.Literal(literal.toString()));
            literal.setLength(0);
        }
    }

    private static Part place(String word) {
        if (word.matches("\\d")) {
            return new Part.Group(Integer.parseInt(word));
        }
        return new Part.Filled(Optional.ofNullable(PLACES.get(word))
                .orElseThrow(() -> new IllegalArgumentException(
                        "{" + word + "} (expected: a digit, or one of " + String.join(", ", PLACES.keySet()) + ")")));
    }

    private static Map<String, Place> places() {
        Map<String, Place> all = new TreeMap<>();
        for (Place place : Place.values()) {
            all.put(place.word(), place);
        }
        return all;
    }

    /// The highest group that it names, or -1.
    public int lastGroup() {
        return parts.stream()
                .mapToInt(part -> part instanceof Part.Group(int number) ? number : -1)
                .max()
                .orElse(-1);
    }

    /// Whether it fills this place.
    public boolean fills(Place place) {
        return parts.contains(new Part.Filled(place));
    }

    @Override
    public String toString() {
        return text;
    }
}
