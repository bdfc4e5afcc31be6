package io.pm2j.daemon.reload;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.durable.StateFile;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import io.pm2j.supervisor.json.SourceCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// The files that were taken up, as they must be known after the daemon was killed.
public final class ConfigJournal {
    private final StateFile file;

    public ConfigJournal(Path file) {
        this.file = new StateFile(file);
    }

    void write(Collection<Taken> all) throws IOException {
        file.write(JsonText.line(json -> {
            json.writeArrayFieldStart("files");
            for (Taken one : all) {
                json.writeStartObject();
                SourceCodec.fields(json, one.source());
                JsonText.texts(
                        json, "apps", one.apps().stream().map(AppName::text).toList());
                json.writeBooleanField("watched", one.watched());
                json.writeEndObject();
            }
            json.writeEndArray();
        }));
    }

    /// Remembers nothing.
    public void clear() throws IOException {
        write(List.of());
    }

    List<Taken> read(Consumer<String> problems) {
        StateFile.Read<List<Taken>> read = file.read(ConfigJournal::parse);
        if (!read.problem().isEmpty()) {
            problems.accept(read.problem());
        }
        return read.value().orElse(List.of());
    }

    private static List<Taken> parse(String text) throws IOException {
        List<Taken> all = new ArrayList<>();
        for (JsonTree tree : JsonTree.parse(text).objects("files")) {
            Set<AppName> apps = new LinkedHashSet<>();
            for (String name : tree.texts("apps")) {
                apps.add(named(name));
            }
            all.add(new Taken(SourceCodec.read(tree), apps, tree.flag("watched")));
        }
        return all;
    }

    private static AppName named(String text) throws IOException {
        try {
            return new AppName(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
