package io.pm2j.daemon.edge;

import io.pm2j.config.read.EdgeText;
import io.pm2j.supervisor.durable.StateFile;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/// What files ask of the edge, as it must be known after the daemon was killed: in the files' own words.
public final class EdgeJournal {
    private final StateFile file;

    public EdgeJournal(Path file) {
        this.file = new StateFile(file);
    }

    /// What is remembered beside it of the ports.
    EdgePorts ports() {
        return new EdgePorts(new StateFile(file.path().resolveSibling("edge-ports.json")));
    }

    void write(Map<Path, EdgeText> texts) throws IOException {
        JsonArray array = new JsonArray();
        texts.forEach((from, text) -> array.add(new JsonObject()
                .put("file", from.toString())
                .put("json", text.json())
                .put("folder", text.folder().toString())
                .put("beside", text.beside().toString())));
        file.write(array.encode());
    }

    /// Remembers nothing.
    public void clear() throws IOException {
        write(Map.of());
    }

    /// The texts by file, in the order in which they were taken up.
    Map<Path, EdgeText> read(Consumer<String> problems) {
        StateFile.Read<Map<Path, EdgeText>> read = file.read(EdgeJournal::parse);
        if (!read.problem().isEmpty()) {
            problems.accept(read.problem());
        }
        return read.value().orElse(Map.of());
    }

    private static Map<Path, EdgeText> parse(String text) throws IOException {
        try {
            Map<Path, EdgeText> texts = new LinkedHashMap<>();
            for (Object element : new JsonArray(text)) {
                JsonObject wish = (JsonObject) element;
                texts.put(
                        Path.of(wish.getString("file")),
                        new EdgeText(
                                wish.getString("json"),
                                Path.of(wish.getString("folder")),
                                Path.of(wish.getString("beside"))));
            }
            return texts;
        } catch (DecodeException | ClassCastException | NullPointerException e) {
            throw new IOException("not what files ask of the edge: " + e.getMessage(), e);
        }
    }
}
