package io.pm2j.proxy.files;

import java.nio.channels.FileChannel;
import java.util.List;

/// The body of an answer.
public sealed interface SiteBody {
    record None() implements SiteBody {}

    record Bytes(byte[] bytes) implements SiteBody {}

    /// The receiver closes the channel when the slice has been sent.
    record FileSlice(FileChannel channel, long offset, long length) implements SiteBody {}

    record Parts(List<SiteBody> parts) implements SiteBody {}
}
