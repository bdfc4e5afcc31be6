package io.pm2j.proxy.files;

import io.pm2j.proxy.files.Resource.Facts;
import io.pm2j.proxy.files.Resource.Stored;
import io.pm2j.proxy.files.Tree.Found;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Files as resources: their sidecars found, their bytes read when small and remembered for a moment.
final class Shelf {
    private final Tree tree;
    private final SiteOptions options;
    private final LongSupplier nanos;
    private final SmallFiles memory;

    Shelf(Tree tree, SiteOptions options, LongSupplier nanos) {
        this.tree = tree;
        this.options = options;
        this.nanos = nanos;
        this.memory = new SmallFiles(options.cacheBytes());
    }

    /// Never touches the disk: what is remembered and still trusted, or null.
    @Nullable
    Resource remembered(String key) {
        SmallFiles.Entry entry = memory.get(key);
        if (entry == null) {
            return null;
        }
        long age = nanos.getAsLong() - entry.checkedNanos();
        return age < options.validity().toNanos() ? entry.resource() : null;
    }

    void forget(String key) {
        memory.remove(key);
    }

    Resource take(String key, List<String> segments, Facts facts) throws IOException {
        long asked = nanos.getAsLong();
        SmallFiles.Entry known = memory.get(key);
        Resource before = known == null ? null : known.resource();
        List<Stored> sidecars = new ArrayList<>();
        if (MediaTypes.compressible(MediaTypes.of(segments.getLast()))) {
            for (Coding coding : List.of(Coding.BROTLI, Coding.ZSTD, Coding.GZIP)) {
                sidecar(coding, segments, facts, before, sidecars);
            }
        }
        Resource resource = new Resource(segments, stored(Coding.IDENTITY, facts, before), sidecars);
        memory.put(key, new SmallFiles.Entry(resource, asked));
        return resource;
    }

    private static List<String> beside(List<String> segments, Coding coding) {
        List<String> names = new ArrayList<>(segments);
        names.set(names.size() - 1, names.getLast() + coding.suffix());
        return names;
    }

    private void sidecar(
            Coding coding, List<String> segments, Facts facts, @Nullable Resource before, List<Stored> sidecars)
            throws IOException {
        List<String> names = beside(segments, coding);
        // An older sidecar was made from an older file.
        if (tree.find(names) instanceof Found.File(Facts of) && !of.modified().isBefore(facts.modified())) {
            try {
                sidecars.add(stored(coding, of, before));
            } catch (AccessDeniedException unreadable) {
                // The file itself can still be sent.
                return;
            }
        }
    }

    private Stored stored(Coding coding, Facts facts, @Nullable Resource before) throws IOException {
        if (before != null) {
            Stored old = before.stored(coding);
            if (old.coding() == coding && old.facts().equals(facts)) {
                return old;
            }
        }
        if (facts.size() > options.smallFileBytes()) {
            return new Stored(coding, facts, null);
        }
        byte[] content;
        try (InputStream in = Files.newInputStream(facts.real(), LinkOption.NOFOLLOW_LINKS)) {
            content = in.readNBytes((int) facts.size() + 1);
        }
        if (content.length != facts.size() || !tree.still(facts)) {
            throw new ChangedMeanwhile();
        }
        return new Stored(coding, facts, content);
    }

    /// The file was written to between two looks: look again.
    static final class ChangedMeanwhile extends IOException {
        private static final long serialVersionUID = 1L;

        ChangedMeanwhile() {
            super("The file changed while it was read");
        }
    }
}
