package io.pm2j.supervisor.app;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pm2j.config.spec.AppSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The version of an app, as its nearest package.json says. PM2: the `version` column.
public final class AppVersion {
    private static final String UNKNOWN = "N/A";
    private static final JsonFactory JSON = new JsonFactory();

    private AppVersion() {}

    /// The version, or `N/A` when no package.json above the script has one.
    public static String of(AppSpec spec) {
        for (Path folder = Path.of(spec.program().script()).getParent(); folder != null; folder = folder.getParent()) {
            Path manifest = folder.resolve("package.json");
            if (Files.isRegularFile(manifest)) {
                return read(manifest);
            }
        }
        return UNKNOWN;
    }

    private static String read(Path manifest) {
        try (JsonParser parser = JSON.createParser(manifest.toFile())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return UNKNOWN;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("version") && value == JsonToken.VALUE_STRING) {
                    return parser.getText();
                }
                parser.skipChildren();
            }
        } catch (IOException e) {
            return UNKNOWN; // not ours to judge
        }
        return UNKNOWN;
    }
}
