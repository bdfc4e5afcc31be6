package io.pm2j.supervisor.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.ConfigSource;
import io.pm2j.config.read.EdgeText;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// Where apps come from, and what their file asks of the edge, as fields of JSON objects.
public final class SourceCodec {
    private SourceCodec() {}

    /// The fields of a source.
    public static void fields(JsonGenerator json, ConfigSource source) throws IOException {
        Caller caller = source.caller();
        json.writeStringField("file", source.file().toString());
        JsonText.texts(json, "only", source.only());
        json.writeStringField("cwd", caller.cwd().toString());
        json.writeNumberField("processors", caller.processors());
        if (caller.envName().isPresent()) {
            json.writeStringField("envName", caller.envName().get());
        }
        JsonText.textMap(json, "env", caller.env());
    }

    /// @throws IOException when it is none
    public static ConfigSource read(JsonTree tree) throws IOException {
        try {
            Caller caller = new Caller(
                    Path.of(tree.text("cwd")),
                    tree.textMap("env"),
                    tree.whole("processors"),
                    tree.has("envName") ? Optional.of(tree.text("envName")) : Optional.empty());
            return new ConfigSource(Path.of(tree.text("file")), caller, tree.texts("only"));
        } catch (InvalidPathException e) {
            throw new IOException("not a file's place: " + e.getMessage(), e);
        }
    }

    /// The fields of what a file asks of the edge.
    public static void edge(JsonGenerator json, EdgeText text) throws IOException {
        json.writeStringField("text", text.json());
        json.writeStringField("folder", text.folder().toString());
        json.writeStringField("beside", text.beside().toString());
    }

    public static EdgeText edge(JsonTree tree) throws IOException {
        return new EdgeText(tree.text("text"), Path.of(tree.text("folder")), Path.of(tree.text("beside")));
    }
}
