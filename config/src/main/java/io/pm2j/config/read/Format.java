package io.pm2j.config.read;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What an ecosystem file is written in, told by its name.
enum Format {
    JSON(".json"),
    YAML(".yml", ".yaml"),
    JAVASCRIPT(".config.js", ".config.cjs", ".config.mjs");

    private static final List<String> SCRIPTS = List.of(".js", ".cjs", ".mjs");

    private final List<String> marks;

    Format(String... marks) {
        this.marks = List.of(marks);
    }

    /// The format of a file that is an ecosystem file by its name; `app.js` is none. PM2: anywhere in the name, so
    /// that `ecosystem.json.production` counts. An ending says more than what stands before it.
    static Optional<Format> recognised(String file) {
        String name = lastName(file);
        for (Format format : values()) {
            if (format.marks.stream().anyMatch(name::endsWith)) {
                return Optional.of(format);
            }
        }
        for (Format format : values()) {
            if (format.marks.stream().anyMatch(name::contains)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /// The format of a file that somebody says is an ecosystem file.
    static Format of(String file) {
        return recognised(file).orElse(SCRIPTS.stream().anyMatch(lastName(file)::endsWith) ? JAVASCRIPT : JSON);
    }

    private static String lastName(String file) {
        return file.substring(file.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    }
}
