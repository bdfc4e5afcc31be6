package io.pm2j.cli.link;

import io.pm2j.cli.typed.Failure;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;

/// What `set` remembers: values by key, in sections by app (`api.port` is `port` of `api`; a key without a section
/// is in the empty one). PM2: `module_conf.json`.
public final class SettingsFile {
    private final Path file;

    SettingsFile(Path file) {
        this.file = file;
    }

    public Path path() {
        return file;
    }

    public Map<String, Map<String, String>> read() throws Failure {
        Map<String, Map<String, String>> sections = new LinkedHashMap<>();
        if (!Files.exists(file)) {
            return sections;
        }
        try {
            JsonTree tree = JsonTree.parse(Files.readString(file));
            for (String name : tree.names()) {
                if (tree.isTree(name)) {
                    sections.computeIfAbsent(name, _ -> new LinkedHashMap<>()).putAll(tree.textMap(name));
                } else {
                    sections.computeIfAbsent("", _ -> new LinkedHashMap<>()).put(name, tree.scalar(name));
                }
            }
            return sections;
        } catch (IOException e) {
            throw new Failure(file + " cannot be read: " + e.getMessage());
        }
    }

    /// Written whole, for its owner alone: values may be secrets.
    public void write(Map<String, Map<String, String>> sections) throws Failure {
        try {
            Files.createDirectories(file.getParent());
            String text = JsonText.line(json -> {
                for (Map.Entry<String, String> entry :
                        sections.getOrDefault("", Map.of()).entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                for (Map.Entry<String, Map<String, String>> section : sections.entrySet()) {
                    if (!section.getKey().isEmpty()) {
                        JsonText.textMap(json, section.getKey(), section.getValue());
                    }
                }
            });
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Failure("cannot write " + file + ": " + e.getMessage());
        }
    }
}
