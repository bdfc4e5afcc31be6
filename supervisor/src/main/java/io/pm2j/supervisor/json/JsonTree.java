package io.pm2j.supervisor.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One JSON object, read whole; fields are asked for by name and type. A field that is missing or of another type is
/// an [IOException] in words; fields that nobody asks for do not matter, so that ends of different versions understand
/// each other as far as they can.
public final class JsonTree {
    private final Map<String, Object> fields;

    private JsonTree(Map<String, Object> fields) {
        this.fields = fields;
    }

    public static JsonTree parse(String line) throws IOException {
        try (JsonParser parser = JsonText.FACTORY.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object: " + (line.length() > 80 ? line.substring(0, 80) : line));
            }
            return new JsonTree(object(parser));
        } catch (JsonProcessingException e) {
            // The original message alone: the full one quotes the line over several lines.
            throw new IOException(
                    "not a message: "
                            + e.getOriginalMessage().lines().findFirst().orElse(""),
                    e);
        }
    }

    public String text(String name) throws IOException {
        return of(name, String.class);
    }

    public int whole(String name) throws IOException {
        long number = big(name);
        if (number != (int) number) {
            throw new IOException("field " + name + ": " + number + " (expected: a number of 32 bits)");
        }
        return (int) number;
    }

    public long big(String name) throws IOException {
        return of(name, Long.class);
    }

    public double real(String name) throws IOException {
        return of(name, Number.class).doubleValue();
    }

    public boolean flag(String name) throws IOException {
        return of(name, Boolean.class);
    }

    /// The names of the fields, in their order.
    public Set<String> names() {
        return Collections.unmodifiableSet(fields.keySet());
    }

    /// Whether an object is under `name`.
    public boolean isTree(String name) {
        return fields.get(name) instanceof Map<?, ?>;
    }

    /// The text, number or flag under `name`, as text.
    public String scalar(String name) throws IOException {
        return String.valueOf(of(name, Object.class));
    }

    /// The value under `name` as JSON text; `null` when there is none.
    public String json(String name) throws IOException {
        return JsonText.of(fields.get(name));
    }

    public boolean has(String name) {
        return fields.containsKey(name);
    }

    public List<String> texts(String name) throws IOException {
        List<String> texts = new ArrayList<>();
        for (Object element : of(name, List.class)) {
            texts.add(String.valueOf(element));
        }
        return texts;
    }

    public List<JsonTree> objects(String name) throws IOException {
        List<JsonTree> objects = new ArrayList<>();
        for (Object element : of(name, List.class)) {
            if (!(element instanceof Map<?, ?> map)) {
                throw new IOException("field " + name + " holds what is no object");
            }
            objects.add(new JsonTree(withTextKeys(map)));
        }
        return objects;
    }

    /// The object under `name`.
    public JsonTree tree(String name) throws IOException {
        return new JsonTree(withTextKeys(of(name, Map.class)));
    }

    public Map<String, String> textMap(String name) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        withTextKeys(of(name, Map.class)).forEach((key, value) -> texts.put(key, String.valueOf(value)));
        return texts;
    }

    private <T> T of(String name, Class<T> type) throws IOException {
        Object value = fields.get(name);
        if (!type.isInstance(value)) {
            throw new IOException("field " + name + ": " + value + " (expected: " + type.getSimpleName() + ")");
        }
        return type.cast(value);
    }

    private static Map<String, Object> withTextKeys(Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        return copy;
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (token != JsonToken.VALUE_NULL) {
                fields.put(name, value(parser, token));
            }
        }
        return fields;
    }

    private static Object value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> {
                List<Object> elements = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    if (next == null) {
                        throw new IOException("the message ends too early");
                    }
                    elements.add(value(parser, next));
                }
                yield elements;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw new IOException("unexpected " + token + " in a message");
        };
    }
}
