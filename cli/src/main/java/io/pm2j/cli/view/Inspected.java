package io.pm2j.cli.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Values as Node's `util.inspect` shows them, as deep as they go: the layout of `prettylist`, which scripts grep.
///
/// What fits goes on one line when it nests fewer than three levels: the lengths of the entries, two for each, the
/// indentation and eleven make 80 at most. Node sets arrays of more than six entries in columns; here each such
/// entry has its line.
public final class Inspected {
    private static final int WIDTH = 80;
    private static final int ADDED = 11;
    private static final int LEVELS = 3;
    private static final int MOST_ON_A_LINE = 6;

    private Inspected() {}

    public static String of(Object value) {
        return value(value, 0).text;
    }

    /// A value's text, and how many levels of objects and arrays are in it.
    private record Shown(String text, int levels) {}

    private static Shown value(Object value, int indentation) {
        return switch (value) {
            case Map<?, ?> map -> {
                List<Shown> entries = new ArrayList<>();
                map.forEach((key, inner) -> {
                    Shown shown = value(inner, indentation + 2);
                    entries.add(new Shown(key(String.valueOf(key)) + ": " + shown.text, shown.levels));
                });
                yield together("{", entries, "}", indentation, false);
            }
            case List<?> list -> {
                List<Shown> entries = new ArrayList<>();
                list.forEach(inner -> entries.add(value(inner, indentation + 2)));
                yield together("[", entries, "]", indentation, list.size() > MOST_ON_A_LINE);
            }
            case String text -> new Shown(text(text, indentation), 0);
            case Double number ->
                new Shown(number == Math.rint(number) ? String.valueOf(number.longValue()) : String.valueOf(number), 0);
            default -> new Shown(String.valueOf(value), 0);
        };
    }

    private static Shown together(String open, List<Shown> entries, String close, int indentation, boolean tall) {
        if (entries.isEmpty()) {
            return new Shown(open + close, 1);
        }
        int levels = 1 + entries.stream().mapToInt(Shown::levels).max().orElse(0);
        List<String> texts = entries.stream().map(Shown::text).toList();
        int length = texts.stream().mapToInt(String::length).sum() + 2 * texts.size() + indentation + ADDED;
        boolean oneLine = !tall
                && levels <= LEVELS
                && length <= WIDTH
                && texts.stream().noneMatch(text -> text.indexOf('\n') >= 0);
        if (oneLine) {
            return new Shown(open + " " + String.join(", ", texts) + " " + close, levels);
        }
        String line = "\n" + " ".repeat(indentation);
        return new Shown(open + line + "  " + String.join("," + line + "  ", texts) + line + close, levels);
    }

    private static String key(String name) {
        return name.matches("[a-zA-Z_][a-zA-Z_0-9]*") ? name : quoted(name);
    }

    /// A long text of several lines is shown line by line.
    private static String text(String text, int indentation) {
        if (text.length() <= 16 || text.length() <= WIDTH - indentation - 4 || text.indexOf('\n') < 0) {
            return quoted(text);
        }
        List<String> lines = new ArrayList<>();
        for (String line : text.split("(?<=\n)")) {
            lines.add(quoted(line));
        }
        return String.join(" +\n" + " ".repeat(indentation + 2), lines);
    }

    /// In the quotes that need the least escaping.
    private static String quoted(String text) {
        char quote = '\'';
        if (text.indexOf('\'') >= 0) {
            if (text.indexOf('"') < 0) {
                quote = '"';
            } else if (text.indexOf('`') < 0 && !text.contains("${")) {
                quote = '`';
            }
        }
        StringBuilder shown = new StringBuilder().append(quote);
        for (char c : text.toCharArray()) {
            switch (c) {
                case '\n' -> shown.append("\\n");
                case '\t' -> shown.append("\\t");
                case '\r' -> shown.append("\\r");
                case '\b' -> shown.append("\\b");
                case '\f' -> shown.append("\\f");
                case '\\' -> shown.append("\\\\");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        shown.append(String.format("\\x%02X", (int) c));
                    } else {
                        shown.append(c == quote ? "\\" : "").append(c);
                    }
                }
            }
        }
        return shown.append(quote).toString();
    }
}
