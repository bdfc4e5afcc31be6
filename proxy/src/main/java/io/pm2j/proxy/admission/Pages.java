package io.pm2j.proxy.admission;

import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.PagesSpec;
import io.pm2j.proxy.files.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The files that the edge answers with instead of a sentence, read once, when a configuration is
/// taken up.
public final class Pages {
    static final int MOST_BYTES = 1 << 20;
    private static final int FIRST = 400;

    public static final Pages NONE = new Pages(new Page[200], null);

    private final @Nullable Page[] byStatus;
    private final @Nullable Page maintenance;

    /// @param body not to be written to
    public record Page(String contentType, byte[] body) {}

    private Pages(@Nullable Page[] byStatus, @Nullable Page maintenance) {
        this.byStatus = byStatus;
        this.maintenance = maintenance;
    }

    /// @throws InvalidConfig naming every file that cannot be used
    public static Pages load(PagesSpec spec) throws InvalidConfig {
        List<ConfigProblem> problems = new ArrayList<>();
        Map<Path, Optional<Page>> read = new HashMap<>();
        @Nullable Page[] byStatus = new Page[200];
        for (int i = 0; i < byStatus.length; i++) {
            Optional<Path> file = spec.page(FIRST + i);
            byStatus[i] =
                    file.map(path -> page(path, "error_pages", read, problems)).orElse(null);
        }
        Optional<Path> soon = spec.maintenance().flatMap(PagesSpec.Maintenance::page);
        Page maintenance =
                soon.map(path -> page(path, "maintenance.page", read, problems)).orElse(null);
        if (!problems.isEmpty()) {
            throw new InvalidConfig(problems);
        }
        return new Pages(byStatus, maintenance);
    }

    private static @Nullable Page page(
            Path file, String key, Map<Path, Optional<Page>> read, List<ConfigProblem> problems) {
        Optional<Page> known = read.get(file);
        if (known == null) {
            known = Optional.empty();
            try {
                known = Optional.of(new Page(MediaTypes.of(file.toString()), bytes(file)));
            } catch (IOException e) {
                problems.add(ConfigProblem.of(file.toString(), key, SmallFile.sentence(e)));
            }
            read.put(file, known);
        }
        return known.orElse(null);
    }

    private static byte[] bytes(Path file) throws IOException {
        return SmallFile.read(file, MOST_BYTES);
    }

    /// The page for an answer of the edge's own; null when the sentence has to do.
    public @Nullable Page page(int status) {
        return status >= FIRST && status < FIRST + byStatus.length ? byStatus[status - FIRST] : null;
    }

    /// What is said while the route is in maintenance.
    @Nullable
    Page maintenance() {
        return maintenance == null ? page(503) : maintenance;
    }
}
