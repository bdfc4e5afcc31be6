package io.pm2j.proxy.corpus;

import io.pm2j.proxy.http.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One line of `corpus/requests/*.txt`: `outcome | section | name | bytes`, see [ByteText].
///
/// Outcomes: `pass N` requests, then perhaps `close` (the connection ends with the last), `short` (the last
/// has no end), `refuse STATUS VIOLATION` (by its head: no byte reaches a worker) or `body STATUS VIOLATION`
/// (by its body: no complete request reaches one); `worker`: passed on, and refused by Node, which
/// knows fewer methods; `opaque`: not taken for HTTP.
public record RequestCase(String id, String section, int passed, End end, ByteText text) {
    public enum Kind {
        OPEN,
        CLOSE,
        SHORT,
        HEAD,
        BODY,
        WORKER,
        OPAQUE
    }

    public record End(Kind kind, int status, Optional<Violation> why) {}

    private static final Pattern OUTCOME =
            Pattern.compile("(?:pass (\\d+))? ?(?:(close|short|worker|opaque)|(refuse|body) (\\d{3}) ([A-Z0-9_]+))?");

    public byte[] bytes() {
        return text.bytes();
    }

    @Override
    public String toString() {
        return id;
    }

    public static List<RequestCase> all() {
        List<RequestCase> cases = new ArrayList<>();
        for (String[] fields : lines("requests")) {
            cases.add(of(fields[0], fields[1], fields[2], fields[3]));
        }
        return cases;
    }

    private static RequestCase of(String outcome, String section, String id, String bytes) {
        Matcher m = OUTCOME.matcher(outcome);
        if (!m.matches()) {
            throw new IllegalArgumentException("outcome of " + id + ": " + outcome);
        }
        int passed = m.group(1) == null ? 0 : Integer.parseInt(m.group(1));
        End end;
        if (m.group(3) != null) {
            Violation why = Violation.valueOf(m.group(5));
            end = new End(
                    m.group(3).equals("body") ? Kind.BODY : Kind.HEAD, Integer.parseInt(m.group(4)), Optional.of(why));
        } else if (m.group(2) != null) {
            end = new End(Kind.valueOf(m.group(2).toUpperCase(java.util.Locale.ROOT)), 0, Optional.empty());
        } else {
            end = new End(Kind.OPEN, 0, Optional.empty());
        }
        return new RequestCase(id, section, passed, end, ByteText.of(bytes));
    }

    /// The fields of every line of the files of a folder; the name is made unique by the file's.
    static List<String[]> lines(String folder) {
        List<String[]> all = new ArrayList<>();
        Path dir = Path.of("src/test/resources/corpus", folder);
        try (var files = Files.list(dir)) {
            for (Path file : files.sorted().toList()) {
                for (String line : Files.readAllLines(file)) {
                    String[] fields = line.split(" \\| ", 4);
                    if (fields.length != 4) {
                        throw new IllegalArgumentException(file + ": " + line);
                    }
                    fields[2] = file.getFileName().toString().replace(".txt", "") + ": " + fields[2];
                    all.add(fields);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
