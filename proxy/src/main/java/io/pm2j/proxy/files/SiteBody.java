package io.pm2j.proxy.files;

import java.nio.channels.FileChannel;
import java.util.List;

/// The bytes of an answer, wherever they are.
public sealed interface SiteBody {
    /// Nothing: HEAD, 204, 304.
    record None() implements SiteBody {}

    /// Bytes in memory. Shared between answers: the receiver must not write to them.
    @SuppressWarnings("ArrayRecordComponent")
    record Bytes(byte[] bytes) implements SiteBody {}

    /// A piece of an open file. The receiver closes the channel when done; no other body shares it.
    record FileSlice(FileChannel channel, long offset, long length) implements SiteBody {}

    /// Bodies one after the other, none of them `Parts`.
    record Parts(List<SiteBody> parts) implements SiteBody {
        public Parts {
            parts = List.copyOf(parts);
        }
    }
}
