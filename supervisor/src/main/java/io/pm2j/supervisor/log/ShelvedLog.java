package io.pm2j.supervisor.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/// A file of a [LogShelf] that takes whole lines of somebody other than an app. Thread-safe.
public final class ShelvedLog implements AutoCloseable {
    private final LogShelf shelf;
    private final LogFile file;

    ShelvedLog(LogShelf shelf, LogFile file) {
        this.shelf = shelf;
        this.file = file;
    }

    public Path path() {
        return file.path();
    }

    /// Appends the whole lines between the position and the limit of `lines`. Blocks as long as the disk does.
    ///
    /// @return how many of them are lost
    public long append(ByteBuffer lines) {
        return file.append(lines);
    }

    /// Gives the file back; to be called once.
    @Override
    public void close() {
        shelf.release(file);
    }
}
