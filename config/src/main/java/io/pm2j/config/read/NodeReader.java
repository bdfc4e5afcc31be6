package io.pm2j.config.read;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.Node.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Reads JSON and YAML into [Node]s.
///
/// PM2 evaluates JSON files as JavaScript; so what JSON5 adds is taken: comments, trailing commas, single quotes,
/// unquoted names, `.5`, `5.` and `+5`. In YAML, aliases (`*base`) and merge keys (`<<: *base`) are followed.
final class NodeReader {
    /// PM2 and editors on other systems: a byte order mark may come first.
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    /// YAML 1.1, "Merge Key Language-Independent Type".
    private static final String MERGE = "<<";

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
            .enable(JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS)
            .enable(JsonReadFeature.ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS)
            .enable(JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS)
            .build();
    private static final JsonFactory YAML = new AnchoredYaml();

    private final JsonParser parser;
    private final boolean placed;
    private final Map<String, Node> anchors = new HashMap<>();

    private NodeReader(JsonParser parser, boolean placed) {
        this.parser = parser;
        this.placed = placed;
    }

    static Node json(String text, String source) throws InvalidConfig {
        return read(JSON, text, source, true);
    }

    static Node yaml(String text, String source) throws InvalidConfig {
        return read(YAML, text, source, true);
    }

    /// JSON that a program made: its places say nothing to a person and are left out.
    static Node printed(String text, String source) throws InvalidConfig {
        return read(JSON, text, source, false);
    }

    private static Node read(JsonFactory factory, String text, String source, boolean placed) throws InvalidConfig {
        String content = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        try (JsonParser parser = factory.createParser(content)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new InvalidConfig(ConfigProblem.of(source, "", "the file is empty (expected: apps)"));
            }
            Node node = new NodeReader(parser, placed).value(first);
            if (parser.nextToken() != null) {
                throw problem(source, parser.currentTokenLocation(), "more than one document (expected: one)");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw problem(source, e.getLocation(), String.valueOf(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new InvalidConfig(ConfigProblem.of(source, "", String.valueOf(e.getMessage())));
        }
    }

    private Node value(JsonToken token) throws IOException {
        Position at = here();
        String anchor = parser instanceof AnchoredYaml.Parser yaml ? yaml.anchor() : null;
        if (parser instanceof AnchoredYaml.Parser yaml && yaml.isCurrentAlias()) {
            return anchored(parser.getText(), at);
        }
        Node node = switch (token) {
            case START_OBJECT -> object(at);
            case START_ARRAY -> array(at);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Node.Num(at, parser.getText());
            case VALUE_TRUE -> new Node.Bool(at, true);
            case VALUE_FALSE -> new Node.Bool(at, false);
            case VALUE_NULL -> new Node.Nul(at);
            default -> new Node.Text(at, parser.getText());
        };
        if (anchor != null) {
            anchors.put(anchor, node);
        }
        return node;
    }

    private Node object(Position at) throws IOException {
        Map<String, Node> fields = new LinkedHashMap<>();
        Map<String, Position> names = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            Position nameAt = here();
            if (names.put(name, nameAt) != null) {
                throw new Unreadable("'" + name + "' is given twice", nameAt);
            }
            fields.put(name, value(parser.nextToken()));
        }
        Node merged = parser instanceof AnchoredYaml.Parser ? fields.remove(MERGE) : null;
        if (merged != null) {
            merge(merged, fields, names);
        }
        return new Node.Obj(at, fields, names);
    }

    private Node array(Position at) throws IOException {
        List<Node> elements = new ArrayList<>();
        for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
            elements.add(value(next));
        }
        return new Node.Arr(at, elements);
    }

    private Node anchored(String name, Position at) throws Unreadable {
        Node node = anchors.get(name);
        if (node == null) {
            throw new Unreadable("*" + name + " has no anchor before it (expected: &" + name + " at some value)", at);
        }
        return node;
    }

    /// What an object says itself wins over what it merges; of several merged ones the first wins.
    private static void merge(Node merged, Map<String, Node> fields, Map<String, Position> names) throws Unreadable {
        switch (merged) {
            case Node.Obj(Position _, Map<String, Node> others, Map<String, Position> theirNames) -> {
                others.forEach(fields::putIfAbsent);
                theirNames.forEach(names::putIfAbsent);
            }
            case Node.Arr(Position _, List<Node> several) -> {
                for (Node one : several) {
                    merge(one, fields, names);
                }
            }
            case Node.Text _, Node.Num _, Node.Bool _, Node.Nul _ ->
                throw new Unreadable(
                        MERGE + ": " + merged.shown() + " (expected: the alias of an object, such as *base)",
                        merged.at());
        }
    }

    private Position here() {
        JsonLocation location = parser.currentTokenLocation();
        return placed
                ? new Position(Math.max(0, location.getLineNr()), Math.max(0, location.getColumnNr()))
                : Position.UNKNOWN;
    }

    private static InvalidConfig problem(String source, JsonLocation location, String sentence) {
        OptionalInt line = location == null ? OptionalInt.empty() : known(location.getLineNr());
        OptionalInt column = location == null ? OptionalInt.empty() : known(location.getColumnNr());
        String first = sentence.lines().findFirst().orElse(sentence);
        return new InvalidConfig(new ConfigProblem(source, line, column, "", "syntax error: " + first));
    }

    private static OptionalInt known(int number) {
        return number > 0 ? OptionalInt.of(number) : OptionalInt.empty();
    }

    /// What the parser takes, and we cannot: a name that stands twice in one object (one of the two would be lost
    /// silently), an alias of nothing.
    private static final class Unreadable extends JsonProcessingException {
        private static final long serialVersionUID = 1L;

        Unreadable(String sentence, Position at) {
            super(sentence, new JsonLocation(null, -1, at.line(), at.column()));
        }
    }
}
