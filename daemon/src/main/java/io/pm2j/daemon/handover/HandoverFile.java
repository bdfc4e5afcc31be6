package io.pm2j.daemon.handover;

import io.pm2j.supervisor.durable.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where a [Handover] waits for the next program. Mode 0600: it may hold what clients sent.
public final class HandoverFile {
    private final Path path;

    public HandoverFile(Path path) {
        this.path = path;
    }

    /// In this home.
    public static HandoverFile of(Path home) {
        return new HandoverFile(home.resolve("handover.json"));
    }

    /// One that a program which is tried reads.
    HandoverFile trial() {
        return new HandoverFile(path.resolveSibling("handover-trial.json"));
    }

    Path path() {
        return path;
    }

    void write(Handover handover) throws IOException {
        new StateFile(path).write(HandoverCodec.write(handover));
    }

    /// @throws IOException when it is not there, or not understood
    public Handover read() throws IOException {
        return HandoverCodec.read(Files.readString(path));
    }

    /// Forgets it: it was taken over, or belongs to a process that is gone.
    public void delete() throws IOException {
        new StateFile(path).delete();
    }
}
