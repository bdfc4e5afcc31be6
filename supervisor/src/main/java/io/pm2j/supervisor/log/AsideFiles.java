package io.pm2j.supervisor.log;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files that one log has put aside: `api-out.log` becomes
/// `api-out__2026-03-01_00-00-07.log`, and `…-07_2.log` when that name is taken; with `.gz` at
/// the end once compressed. No other file is listed.
///
/// [#next] belongs to the writer of the log; the rest may be called from any thread.
final class AsideFiles {
    static final String COMPRESSED = ".gz";
    static final String UNFINISHED = ".gz.tmp";

    private static final Logger LOG = LoggerFactory.getLogger(AsideFiles.class);
    private static final DateFormat STAMP = DateFormat.of("YYYY-MM-DD_HH-mm-ss");
    private static final String STAMP_PATTERN = "(\\d{4}-\\d\\d-\\d\\d_\\d\\d-\\d\\d-\\d\\d)(?:_(\\d{1,9}))?";

    private final Path log;
    private final String stem;
    private final String extension;
    private final Pattern pattern;
    private String lastStamp = "";
    private int lastCounter;

    AsideFiles(Path log) {
        this.log = log;
        String name = String.valueOf(log.getFileName());
        extension = name.endsWith(".log") ? ".log" : "";
        stem = name.substring(0, name.length() - extension.length());
        pattern = Pattern.compile(
                Pattern.quote(stem + "__") + STAMP_PATTERN + Pattern.quote(extension) + "(\\.gz(?:\\.tmp)?)?");
    }

    Path log() {
        return log;
    }

    /// A name that is not taken. The counter of a second only grows, though names become free
    /// meanwhile.
    Path next(ZonedDateTime now) {
        String stamp = STAMP.text(now);
        int counter = stamp.equals(lastStamp) ? lastCounter + 1 : 1;
        while (taken(stamp, counter)) {
            counter++;
        }
        lastStamp = stamp;
        lastCounter = counter;
        return log.resolveSibling(name(stamp, counter));
    }

    private boolean taken(String stamp, int counter) {
        String name = name(stamp, counter);
        return Files.exists(log.resolveSibling(name), LinkOption.NOFOLLOW_LINKS)
                || Files.exists(log.resolveSibling(name + COMPRESSED), LinkOption.NOFOLLOW_LINKS);
    }

    private String name(String stamp, int counter) {
        return stem + "__" + stamp + (counter == 1 ? "" : "_" + counter) + extension;
    }

    /// What was put aside. A file that stands there both plain and compressed is listed once,
    /// compressed: only a whole one gets that name.
    List<Aside> newestFirst() throws IOException {
        Map<String, Aside> byName = new LinkedHashMap<>();
        for (Path path : listed()) {
            Matcher name = pattern.matcher(path.getFileName().toString());
            if (name.matches() && !UNFINISHED.equals(name.group(3))) {
                read(path, name, byName);
            }
        }
        return byName.values().stream().sorted(Aside.OLDEST_FIRST.reversed()).toList();
    }

    /// What a daemon that was killed has left of its work: unfinished compressed files, and plain
    /// files of which a compressed one is there.
    List<Path> leftovers() throws IOException {
        List<Path> leftovers = new ArrayList<>();
        for (Path path : listed()) {
            Matcher name = pattern.matcher(path.getFileName().toString());
            if (name.matches()
                    && (UNFINISHED.equals(name.group(3))
                            || name.group(3) == null && Files.exists(Path.of(path + COMPRESSED)))) {
                leftovers.add(path);
            }
        }
        return leftovers;
    }

    private List<Path> listed() throws IOException {
        List<Path> paths = new ArrayList<>();
        String start = stem + "__";
        Path folder = log.toAbsolutePath().getParent();
        if (folder == null) {
            return paths;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(
                folder, entry -> entry.getFileName().toString().startsWith(start))) {
            entries.forEach(paths::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            LOG.debug("no folder {}", folder, e);
        }
        return paths;
    }

    private static void read(Path path, Matcher name, Map<String, Aside> byName) throws IOException {
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!file.isRegularFile()) {
                return;
            }
            int counter = name.group(2) == null ? 1 : Integer.parseInt(name.group(2));
            boolean compressed = name.group(3) != null;
            Aside aside = new Aside(
                    path,
                    name.group(1),
                    counter,
                    compressed,
                    file.size(),
                    file.lastModifiedTime().toMillis());
            byName.merge(name.group(1) + "_" + counter, aside, (known, more) -> known.compressed() ? known : more);
        } catch (NoSuchFileException e) {
            LOG.debug("{} went meanwhile", path, e);
        }
    }
}
