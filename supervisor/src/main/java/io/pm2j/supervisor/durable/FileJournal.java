package io.pm2j.supervisor.durable;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.app.AppJournal;
import io.pm2j.supervisor.app.AppRecord;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journal as one file an app: a change of one rewrites little, and a damaged one costs no
/// other. Thread-safe, as long as each app has one owner.
public final class FileJournal implements AppJournal {
    private static final Logger LOG = LoggerFactory.getLogger(FileJournal.class);
    private static final String ENDING = ".json";
    /// File names end at 255 bytes; `.json.bak.new` and a digest must fit as well.
    private static final int LONGEST = 180;

    private final Path folder;

    public FileJournal(Path folder) {
        this.folder = folder;
    }

    @Override
    public boolean keep(AppRecord record) {
        try {
            file(record.spec().name()).write(RecordCodec.write(record));
            return true;
        } catch (IOException e) {
            LOG.atError().addKeyValue("app", record.spec().name()).setCause(e).log("cannot write the journal");
            return false;
        }
    }

    @Override
    public void forget(AppName name) {
        try {
            file(name).delete();
        } catch (IOException e) {
            LOG.atError().addKeyValue("app", name).setCause(e).log("cannot write the journal");
        }
    }

    /// Everything that is remembered, by the ids of its first instances. What is damaged is told
    /// to `problems`; where there is a former good version, that is used.
    public List<AppRecord> all(Consumer<String> problems) {
        List<AppRecord> records = new ArrayList<>();
        for (String name : names(problems)) {
            StateFile.Read<AppRecord> read = new StateFile(folder.resolve(name)).read(RecordCodec::read);
            if (!read.problem().isEmpty()) {
                problems.accept(read.problem() + (read.value().isPresent() ? "" : "; the app is not known"));
            }
            read.value().ifPresent(records::add);
        }
        records.sort(Comparator.comparingInt(AppRecord::firstPmId));
        return records;
    }

    /// The names of the files, without what follows for a former version.
    private Set<String> names(Consumer<String> problems) {
        Set<String> names = new TreeSet<>();
        if (!Files.isDirectory(folder)) {
            return names;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString().replaceAll("\\.bak$", "");
                if (name.endsWith(ENDING)) {
                    names.add(name);
                }
            }
        } catch (IOException e) {
            problems.accept("cannot read " + folder + ": " + e.getMessage());
        }
        return names;
    }

    private StateFile file(AppName name) {
        String encoded = URLEncoder.encode(name.text(), StandardCharsets.UTF_8);
        // The file says its app's name itself; this one only has to be another for each.
        String unique = encoded.length() <= LONGEST ? encoded : encoded.substring(0, LONGEST) + "~" + digest(encoded);
        return new StateFile(folder.resolve(unique + ENDING));
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
