package io.pm2j.config.read;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.Node.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Reads JSON and YAML into [Node]s.
///
/// PM2 evaluates JSON files as JavaScript; so comments, trailing commas, single quotes and unquoted names are taken.
final class NodeReader {
    private NodeReader() {}

    static Node json(String text, String source) throws InvalidConfig {
        JsonFactory lenient = JsonFactory.builder()
                .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
                .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
                .build();
        return read(lenient, text, source);
    }

    static Node yaml(String text, String source) throws InvalidConfig {
        return read(new YAMLFactory(), text, source);
    }

    private static Node read(JsonFactory factory, String text, String source) throws InvalidConfig {
        try (JsonParser parser = factory.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new InvalidConfig(ConfigProblem.of(source, "", "the file is empty (expected: apps)"));
            }
            Node node = value(parser, first);
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

    private static Node value(JsonParser parser, JsonToken token) throws IOException {
        Position at = position(parser.currentTokenLocation());
        return switch (token) {
            case START_OBJECT -> {
                Map<String, Node> fields = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    Position nameAt = position(parser.currentTokenLocation());
                    if (fields.put(name, value(parser, parser.nextToken())) != null) {
                        throw new RepeatedField(name, nameAt);
                    }
                }
                yield new Node.Obj(at, fields);
            }
            case START_ARRAY -> {
                List<Node> elements = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    elements.add(value(parser, next));
                }
                yield new Node.Arr(at, elements);
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Node.Num(at, parser.getText());
            case VALUE_TRUE -> new Node.Bool(at, true);
            case VALUE_FALSE -> new Node.Bool(at, false);
            case VALUE_NULL -> new Node.Nul(at);
            default -> new Node.Text(at, parser.getText());
        };
    }

    private static Position position(JsonLocation location) {
        return new Position(Math.max(0, location.getLineNr()), Math.max(0, location.getColumnNr()));
    }

    private static InvalidConfig problem(String source, JsonLocation location, String sentence) {
        OptionalInt line = location == null ? OptionalInt.empty() : OptionalInt.of(location.getLineNr());
        OptionalInt column = location == null ? OptionalInt.empty() : OptionalInt.of(location.getColumnNr());
        String first = sentence.lines().findFirst().orElse(sentence);
        return new InvalidConfig(new ConfigProblem(source, line, column, "", "syntax error: " + first));
    }

    /// A name that stands twice in one object: one of the two would be lost silently.
    private static final class RepeatedField extends JsonProcessingException {
        private static final long serialVersionUID = 1L;

        RepeatedField(String name, Position at) {
            super("'" + name + "' is given twice", new JsonLocation(null, -1, at.line(), at.column()));
        }
    }
}
