package io.pm2j.proxy.files;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file of the site as it was when last looked at, with its compressed sidecars. Immutable.
///
/// @param segments its name below the root; for a directory that of its index file
record Resource(List<String> segments, Stored identity, List<Stored> sidecars) {
    Resource {
        segments = List.copyOf(segments);
        sidecars = List.copyOf(sidecars);
    }

    String mediaType() {
        return MediaTypes.of(segments.getLast());
    }

    Stored stored(Coding coding) {
        return sidecars.stream().filter(s -> s.coding() == coding).findFirst().orElse(identity);
    }

    List<Stored> all() {
        List<Stored> all = new ArrayList<>(sidecars);
        all.add(identity);
        return all;
    }

    /// What tells one state of a file from another.
    record Facts(Path real, long size, Instant modified, String inode) {}

    /// One stored form, and its bytes when they are small.
    @SuppressWarnings("ArrayRecordComponent")
    record Stored(Coding coding, Facts facts, byte @Nullable [] content) {
        /// Strong: any change of content moves the time, the size or the inode, and each form has its own.
        String etag() {
            String variant = coding == Coding.IDENTITY ? "" : "-" + coding.token();
            long nanos = facts.modified.getEpochSecond() * 1_000_000_000L + facts.modified.getNano();
            return "\"" + Long.toHexString(facts.size) + "-" + Long.toHexString(nanos) + "-" + facts.inode + variant
                    + "\"";
        }
    }
}
