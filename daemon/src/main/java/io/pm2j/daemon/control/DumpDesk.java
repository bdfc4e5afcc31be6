package io.pm2j.daemon.control;

import io.pm2j.daemon.edge.EdgeDesk;
import io.pm2j.daemon.edge.EdgeJournal;
import io.pm2j.daemon.reload.ConfigDesk;
import io.pm2j.daemon.reload.ConfigJournal;
import io.pm2j.daemon.site.SiteJournal;
import io.pm2j.daemon.site.Sites;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.AppRecord;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.durable.Dump;
import io.pm2j.supervisor.durable.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.IntSupplier;

/// Remembers the list and brings it back. PM2: `save`, `resurrect`, `cleardump`, `set pm2:autodump`.
public final class DumpDesk {
    private final Supervisor supervisor;
    private final Sites sites;
    private final IntSupplier pmIds;
    private final Dump dump;
    /// The sites of the list, beside the apps.
    private final SiteJournal siteDump;
    private final EdgeDesk edge;
    private final EdgeJournal edgeDump;
    private final ConfigDesk configs;
    private final ConfigJournal configDump;
    /// Is there as long as every change is to be saved.
    private final Path autosave;

    public DumpDesk(
            Supervisor supervisor, Sites sites, EdgeDesk edge, ConfigDesk configs, IntSupplier pmIds, Path home) {
        this.supervisor = supervisor;
        this.sites = sites;
        this.siteDump = new SiteJournal(home.resolve("dump-sites.json"));
        this.edge = edge;
        this.edgeDump = new EdgeJournal(home.resolve("dump-edge.json"));
        this.configs = configs;
        this.configDump = new ConfigJournal(home.resolve("dump-config-files.json"));
        this.pmIds = pmIds;
        this.dump = new Dump(home);
        this.autosave = home.resolve("autosave");
    }

    boolean save(boolean force, Progress progress) {
        if (nothingListed() && !force) {
            progress.warn("PM2 is not managing any process, skipping save... To force saving use: pm2j save --force");
            return true;
        }
        progress.info("Saving current process list...");
        return write(progress) && said(progress, "Successfully saved in " + dump.path());
    }

    private boolean nothingListed() {
        return supervisor.records().isEmpty() && sites.views().isEmpty();
    }

    boolean clear(Progress progress) {
        siteDump.clear();
        return write(
                        List.of(),
                        to -> {
                            to.clear();
                            configDump.clear();
                        },
                        progress)
                && said(progress, "Successfully created " + dump.path());
    }

    boolean autosave(boolean on, Progress progress) throws IOException {
        if (!on) {
            Files.deleteIfExists(autosave);
            return said(progress, "Changes are no longer saved by themselves");
        }
        if (!Files.exists(autosave)) {
            Files.createFile(autosave);
        }
        return save(true, progress);
    }

    /// Saves after a change, where that is wanted.
    public void afterChange(Progress progress) {
        if (Files.exists(autosave)) {
            boolean _ = write(progress);
        }
    }

    /// Saves what runs when the system goes down. PM2: on SIGTERM.
    public void beforeEnd(Progress progress) {
        if (!nothingListed()) {
            boolean _ = write(progress);
        }
    }

    /// Starts what is remembered and not in the list, side by side.
    boolean resurrect(Progress progress) throws InterruptedException {
        StateFile.Read<List<AppRecord>> read = dump.read();
        if (!read.problem().isEmpty()) {
            progress.warn(read.problem());
        }
        if (read.value().isEmpty()) {
            progress.error("no list is saved in " + dump.path() + " (expected: pm2j save before)");
            return false;
        }
        boolean good = edge.resurrect(edgeDump, progress::warn);
        progress.info("Restoring processes located in " + dump.path());
        record Restored(String script, CompletableFuture<Boolean> up) {}
        List<Restored> restored = new ArrayList<>();
        for (AppRecord app : AppRecord.ordered(read.value().get())) {
            if (!supervisor.knows(app.spec().name())) {
                Optional<CompletableFuture<Boolean>> up = supervisor.revive(app.afresh(pmIds), progress);
                up.ifPresent(
                        future -> restored.add(new Restored(app.spec().program().script(), future)));
            }
        }
        good &= sites.resurrect(siteDump, progress::warn);
        for (Restored app : restored) {
            good &= wait(app.up);
            progress.info("Process " + app.script + " restored");
        }
        configs.resurrect(configDump, progress::warn);
        return good;
    }

    private static boolean wait(CompletableFuture<Boolean> up) throws InterruptedException {
        try {
            return up.get();
        } catch (ExecutionException e) {
            return false;
        }
    }

    private boolean write(Progress progress) {
        sites.save(siteDump);
        return write(
                supervisor.records(),
                to -> {
                    edge.save(to);
                    configs.save(configDump);
                },
                progress);
    }

    /// Writes what is asked of the edge.
    @FunctionalInterface
    private interface EdgeWriter {
        void write(EdgeJournal to) throws IOException;
    }

    private boolean write(List<AppRecord> apps, EdgeWriter asked, Progress progress) {
        try {
            asked.write(edgeDump);
            dump.write(apps);
            return true;
        } catch (IOException e) {
            progress.error("cannot write " + dump.path() + ": " + e.getMessage());
            return false;
        }
    }

    private static boolean said(Progress progress, String sentence) {
        progress.info(sentence);
        return true;
    }
}
