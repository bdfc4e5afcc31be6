package io.pm2j.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// One of the two products that are compared: its home, its working folder, and `pm2` in its PATH.
///
/// @param name PM2 or pm2j
/// @param place home, working folder and everything else
/// @param listing asks the daemon of a home for its list
/// @param restarts by which counters are compared from row to row
record Side(String name, Path place, Listing listing, Restarts restarts) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Nothing where no daemon answers.
    @FunctionalInterface
    interface Listing {
        Optional<JsonNode> of(Path home) throws IOException;
    }

    /// A side whose `pm2` is this program, with the fixtures in its working folder.
    static Side of(String name, Path place, Path program, Listing listing) throws IOException {
        Side side = new Side(name, place, listing, new Restarts());
        for (String folder : List.of("home", "work", "seen", "bin", "ran")) {
            Files.createDirectories(place.resolve(folder));
        }
        Files.createSymbolicLink(place.resolve("bin/pm2"), program);
        Path from = Product.ROOT.resolve("examples/src/test/resources/apps/parity");
        try (var files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = side.work().resolve(from.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        return side;
    }

    /// The counters of restarts as they were before the row that runs: a difference is seen in one row only.
    static final class Restarts {
        private final Map<Integer, Integer> before = new TreeMap<>();
        private final Map<Integer, Integer> now = new TreeMap<>();

        void note(JsonNode process) {
            now.put(process.path("pm_id").asInt(), count(process));
        }

        int since(JsonNode process) {
            int former = before.getOrDefault(process.path("pm_id").asInt(), 0);
            return count(process) < former ? count(process) : count(process) - former; // or another has its id now
        }

        void rowIsOver() {
            if (!now.isEmpty()) {
                before.clear();
                before.putAll(now);
                now.clear();
            }
        }

        private static int count(JsonNode process) {
            return process.path("pm2_env").path("restart_time").asInt();
        }
    }

    Path work() {
        return place.resolve("work");
    }

    /// Forgets what the apps said of themselves.
    void forget() throws IOException {
        try (var files = Files.newDirectoryStream(place.resolve("seen"), "*.json")) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// Runs a line of the shell, in which `pm2` is this side's program.
    Ran run(String line) throws IOException, InterruptedException {
        Path out = Files.createTempFile(place.resolve("ran"), "out", ".txt");
        Path err = Files.createTempFile(place.resolve("ran"), "err", ".txt");
        var builder = new ProcessBuilder("bash", "-c", line)
                .directory(work().toFile())
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment());
        Process child = builder.start();
        if (!child.waitFor(180, TimeUnit.SECONDS)) {
            child.descendants().forEach(ProcessHandle::destroyForcibly);
            child.destroyForcibly().waitFor();
            throw new AssertionError(name + ": '" + line + "' took more than 180 s: " + Files.readString(out));
        }
        return new Ran(line, child.exitValue(), Files.readString(out), Files.readString(err));
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        environment.put("PATH", place.resolve("bin") + ":" + System.getenv("PATH"));
        environment.put("HOME", place.toString());
        environment.put("USER", System.getProperty("user.name"));
        environment.put("LANG", "C.UTF-8");
        environment.put("SEEN", place.resolve("seen").toString());
        environment.put("PM2_HOME", place.resolve("home").toString());
        environment.put("PM2J_HOME", place.resolve("home").toString()); // by which processes left over are found
        environment.put("PM2_DISCRETE_MODE", "true");
        environment.put("PM2_DISABLE_VERSION_CHECK", "true");
        environment.put("PM2J_JAVA_OPTIONS", Product.SHORT_LIVED);
        environment.put("NO_COLOR", "1");
        return environment;
    }

    JsonNode jlist() throws IOException, InterruptedException {
        Optional<JsonNode> list = listing.of(place.resolve("home"));
        return list.isPresent() ? list.get() : printedList(run("pm2 jlist"));
    }

    /// The list that `pm2 jlist` printed.
    JsonNode printedList(Ran ran) {
        String out = ran.out();
        // PM2 says before the list that it started its daemon.
        int list = Math.max(out.lastIndexOf("\n[") + 1, 0);
        try {
            return JSON.readTree(out.substring(list));
        } catch (IOException e) {
            throw new AssertionError(name + " prints no list: " + ran, e);
        }
    }

    /// Without what differs between any two runs: folders and times.
    String plain(String text) {
        return text.replace(work().toString(), "<work>")
                .replace(place.toString(), "@")
                .replaceAll("\\d{4}-\\d\\d-\\d\\d[T -]\\d\\d:\\d\\d:\\d\\d(\\.\\d+Z?)?", "<time>");
    }

    /// Ends the daemon and whatever is left of this side.
    void end() throws Exception {
        if (!Processes.of(place).isEmpty()) {
            run("pm2 kill");
        }
        try {
            Product.eventually(name + " is gone", () -> Processes.of(place), List::isEmpty);
        } finally {
            for (long pid : Processes.of(place)) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
