package io.pm2j.daemon.site;

import io.pm2j.supervisor.durable.StateFile;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The static sites as they must be known after the daemon was killed.
public final class SiteJournal {
    private static final Logger LOG = LoggerFactory.getLogger(SiteJournal.class);

    private final StateFile file;

    public SiteJournal(Path file) {
        this.file = new StateFile(file);
    }

    void write(Collection<Site> sites) {
        JsonArray array = new JsonArray();
        for (Site site : sites) {
            array.add(new JsonObject()
                    .put("pmId", site.pmId())
                    .put("name", site.name())
                    .put("root", site.root().toString())
                    .put("port", site.port())
                    .put("spa", site.spa())
                    .put("restarts", site.restarts())
                    .put("startedAt", site.startedAtMillis())
                    .put("createdAt", site.createdAtMillis()));
        }
        try {
            file.write(array.encode());
        } catch (IOException e) {
            LOG.atError().setCause(e).log("cannot write the journal of the sites");
        }
    }

    public void clear() {
        write(List.of());
    }

    /// What is remembered; closed, though `startedAtMillis` says whether it was open.
    List<Site> read(Consumer<String> problems) {
        StateFile.Read<List<Site>> read = file.read(SiteJournal::parse);
        if (!read.problem().isEmpty()) {
            problems.accept(read.problem());
        }
        return read.value().orElse(List.of());
    }

    private static List<Site> parse(String text) throws IOException {
        try {
            List<Site> sites = new ArrayList<>();
            for (Object element : new JsonArray(text)) {
                JsonObject site = (JsonObject) element;
                sites.add(new Site(
                        site.getInteger("pmId"),
                        site.getString("name"),
                        Path.of(site.getString("root")),
                        site.getInteger("port"),
                        site.getBoolean("spa"),
                        Optional.empty(),
                        site.getInteger("restarts"),
                        site.getLong("startedAt"),
                        site.getLong("createdAt")));
            }
            return sites;
        } catch (DecodeException | ClassCastException | NullPointerException e) {
            throw new IOException("not a list of sites: " + e.getMessage(), e);
        }
    }
}
