package io.pm2j.config.read;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/// Writes a [Node] as JSON text.
final class JsonText {
    private JsonText() {}

    static String of(Node node) {
        return text(node, false);
    }

    /// With line breaks.
    static String pretty(Node node) {
        return text(node, true);
    }

    private static String text(Node node, boolean pretty) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            if (pretty) {
                json.useDefaultPrettyPrinter();
            }
            write(json, node);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Node node) throws IOException {
        switch (node) {
            case Node.Obj(Node.Position _, Map<String, Node> fields, var _) -> {
                json.writeStartObject();
                for (Map.Entry<String, Node> field : fields.entrySet()) {
                    json.writeFieldName(field.getKey());
                    write(json, field.getValue());
                }
                json.writeEndObject();
            }
            case Node.Arr(Node.Position _, var elements) -> {
                json.writeStartArray();
                for (Node element : elements) {
                    write(json, element);
                }
                json.writeEndArray();
            }
            case Node.Text(Node.Position _, String text) -> json.writeString(text);
            case Node.Num(Node.Position _, String text) -> json.writeNumber(text);
            case Node.Bool(Node.Position _, boolean value) -> json.writeBoolean(value);
            case Node.Nul _ -> json.writeNull();
        }
    }
}
