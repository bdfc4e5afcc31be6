package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What apps print, and where it stands then: all of it, once, line by line.
class LogsIT {
    private static final String PRINTS = "script: 'prints-lines/app.js', ";
    private static final String FILE = "ecosystem.config.js";

    @RegisterExtension
    final Product product = new Product();

    @Test
    void rotationLosesAndDoublesNothing() throws Exception {
        prints("name: 'web', log_rotate: { max_size: '1K', keep: 1000 }, env: { LINES: 300 }, ");
        product.run("start", FILE).succeeds();

        List<String> lines = Product.eventually(
                // A file and its compressed form are there at the same time for a moment.
                "all lines", () -> linesOfAll("web-out"), seen -> seen.size() == 300 && compressed("web-out") > 5);

        assertThat(lines).containsExactlyInAnyOrderElementsOf(printed('a', 300));
        try (var files = Files.list(product.home().resolve("logs"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".log")))
                    .allSatisfy(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(1024));
        }
    }

    @Test
    void linesAreDressedAsWanted() throws Exception {
        prints(
                "name: 'dated', log_date_format: 'YYYY-MM-DD HH:mm:ss.SSS', env: { LINES: 50 }, ",
                "name: 'timed', time: true, env: { LINES: 50 }, ",
                "name: 'json', log_type: 'json', env: { LINES: 50 }, ",
                "name: 'shared', instances: 2, merge_logs: true, env: { LINES: 400 }, ",
                "name: 'both', log_file: true, env: { LINES: 50 }, ",
                "name: 'off', out_file: '/dev/null', error_file: 'NULL', env: { LINES: 50 }, ");
        product.run("start", FILE).succeeds();

        assertThat(linesOf("dated-out.log", 50))
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}: a\\d+ a*"));
        assertThat(linesOf("timed-out.log", 50))
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d: a\\d+ a*"));
        List<String> json = new ArrayList<>();
        for (String line : linesOf("json-out.log", 50)) {
            json.add(new ObjectMapper().readTree(line).path("message").asText().strip());
        }
        assertThat(json).isEqualTo(printed('a', 50).stream().map(String::strip).toList());
        List<String> shared = linesOf("shared-out.log", 800);
        assertThat(shared.stream().filter(line -> line.startsWith("a"))).isEqualTo(printed('a', 400));
        assertThat(shared.stream().filter(line -> line.startsWith("b"))).isEqualTo(printed('b', 400));
        assertThat(linesOf("both.log", 50)).isEqualTo(printed('a', 50));
        assertThat(linesOf("both-out.log", 50)).isEqualTo(printed('a', 50));
        try (var files = Files.list(product.home().resolve("logs"))) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("off"));
        }
        assertThat(product.work().resolve("NULL")).doesNotExist();
    }

    @Test
    void whatIsNotWrittenIsStillStreamed() throws Exception {
        product.app("throws-when-asked");
        prints("name: 'off', out_file: '/dev/null', error_file: 'NULL', env: { LINES: 20 }, ");
        product.run("start", FILE, "--only", "off").succeeds();

        Path seen = product.write("seen.txt", "");
        Process logs = following(seen, "off");
        try {
            Product.eventually("it follows", () -> restart("off") && comes(seen, "a20 "), came -> came);
        } finally {
            logs.destroy();
            assertThat(logs.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void flushEmptiesAndRenamedFilesAreLeft() throws Exception {
        prints("name: 'web', log_file: true, env: { LINES: 30 }, ");
        product.run("start", FILE).succeeds();
        linesOf("web-out.log", 30);
        linesOf("web.log", 30);

        product.run("flush", "web").succeeds();
        assertThat(product.log("web-out.log")).isEmpty();
        assertThat(product.log("web.log")).isEmpty();

        Path out = product.home().resolve("logs/web-out.log");
        Files.move(out, out.resolveSibling("old-1"));
        product.run("reloadLogs").succeeds();
        restart("web");
        assertThat(linesOf("web-out.log", 30)).isEqualTo(printed('a', 30));
        assertThat(product.log("old-1")).isEmpty();

        // The worker runs on: only the signal tells that the file is another.
        product.run("start", script("ticks"), "--name", "ticks").succeeds();
        Path ticks = product.home().resolve("logs/ticks-out.log");
        Product.eventually("ticks", () -> Files.exists(ticks) && Files.size(ticks) > 0, there -> there);
        Files.move(ticks, ticks.resolveSibling("old-2"));
        product.command(List.of(
                        "kill",
                        "-USR2",
                        Files.readString(product.home().resolve("pm2.pid")).strip()))
                .succeeds();
        Product.eventually("a new file", () -> Files.exists(ticks) && Files.size(ticks) > 0, there -> there);
        List<Integer> all = new ArrayList<>();
        for (String file : List.of("old-2", "ticks-out.log")) {
            product.log(file).lines().forEach(line -> all.add(Integer.valueOf(line)));
        }
        assertThat(all).isEqualTo(IntStream.rangeClosed(1, all.size()).boxed().toList());
        assertThat(product.run("ping").succeeds().out()).contains("pong");
    }

    @Test
    void anAppThatFloodsItsLogDisturbsNobody() throws Exception {
        product.app("floods-stdout");
        product.app("hello");
        int port = product.freePort();
        product.ecosystem(
                "name: 'flood', script: 'floods-stdout/app.js', log_rotate: { max_size: '4M', keep: 2, compress: false }",
                "name: 'web', script: 'hello/app.js', instances: 2, env: { PORT: %d }".formatted(port));
        product.run("start", FILE).succeeds();
        product.answers(port);
        product.run("start", script("ticks"), "--name", "ticks").succeeds();
        Path flood = product.home().resolve("logs");
        Product.eventually("a flood", () -> aside(flood, "flood-out__"), count -> count >= 2);

        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            long beginNanos = System.nanoTime();
            assertThat(product.status(port, "/")).isEqualTo(200);
            millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos));
        }
        int before = ticks();
        long beginNanos = System.nanoTime();
        Product.eventually("lines of another app", this::ticks, seen -> seen >= before + 10);
        long tenTicksMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos);

        millis.sort(null);
        assertThat(millis.get(50)).as("median of " + millis).isLessThan(1_000);
        assertThat(tenTicksMillis).isLessThan(20_000);
        long daemon = Long.parseLong(
                Files.readString(product.home().resolve("pm2.pid")).strip());
        assertThat(residentMegabytes(daemon)).isLessThan(400);
        product.run("delete", "flood").succeeds();
    }

    @Test
    void errorsThatNobodyCaughtStandInTheErrorLog() throws Exception {
        product.app("throws-when-asked");
        for (String mode : List.of("fork", "cluster")) {
            int port = product.freePort();
            product.ecosystem("name: '%s', script: 'throws-when-asked/app.js', exec_mode: '%s', env: { PORT: %d }"
                    .formatted(mode, mode, port));
            product.run("start", FILE).succeeds();
            product.answers(port);

            product.status(port, "/throw");
            Product.eventually(
                    "the culprit",
                    () -> product.log(mode + "-error.log"),
                    log -> log.contains("nobody caught this") && log.contains("theCulprit"));
            product.answers(port);
            product.status(port, "/reject");
            Product.eventually(
                    "the promise breaker",
                    () -> product.log(mode + "-error.log"),
                    log -> log.contains("nobody handled this") && log.contains("thePromiseBreaker"));
        }
    }

    private void prints(String... apps) throws Exception {
        product.app("prints-lines");
        product.ecosystem(java.util.Arrays.stream(apps).map(app -> app + PRINTS).toArray(String[]::new));
    }

    /// A script that prints a number more each 20 ms.
    private String script(String name) throws IOException {
        product.write(name + ".js", "let n = 0; setInterval(() => console.log(++n), 20)\n");
        return name + ".js";
    }

    private static List<String> printed(char letter, int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> letter + "" + i + " " + String.valueOf(letter).repeat(i % 60))
                .toList();
    }

    private List<String> linesOf(String file, int count) throws Exception {
        return Product.eventually(
                file, () -> product.log(file).lines().toList(), seen -> seen.size() >= count && seen.size() == count);
    }

    private int ticks() throws IOException {
        return (int) product.log("ticks-out.log").lines().count();
    }

    private boolean restart(String name) {
        try {
            return product.run("restart", name).succeeds().exit() == 0;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Whether it comes in the time that a boot may take: whoever began to follow too late waits for the next one.
    private static boolean comes(Path file, String text) throws Exception {
        for (int i = 0; i < 200; i++) {
            if (Files.readString(file).contains(text)) {
                return true;
            }
            Thread.sleep(50);
        }
        return false;
    }

    private Process following(Path into, String name) throws IOException {
        var builder = new ProcessBuilder(Product.ROOT.resolve("pm2j").toString(), "logs", name, "--raw")
                .redirectErrorStream(true)
                .redirectOutput(into.toFile());
        builder.environment().put("PM2J_HOME", product.home().toString());
        return builder.start();
    }

    /// The lines of a log and of all that were put aside of it.
    private List<String> linesOfAll(String stem) throws IOException {
        try (var files = Files.list(product.home().resolve("logs"))) {
            List<Path> own = files.filter(file -> file.getFileName().toString().startsWith(stem)
                            && !file.toString().endsWith(".tmp"))
                    .toList();
            List<String> lines = new ArrayList<>();
            for (Path file : own) {
                lines.addAll(text(file).lines().toList());
            }
            return lines;
        } catch (java.nio.file.NoSuchFileException e) {
            // Compressed meanwhile.
            return List.of();
        }
    }

    private long compressed(String stem) {
        try (var files = Files.list(product.home().resolve("logs"))) {
            var byKind = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(stem + "__"))
                    .collect(Collectors.groupingBy((Function<String, Boolean>) name -> name.endsWith(".gz")));
            return byKind.containsKey(false)
                    ? 0
                    : byKind.getOrDefault(true, List.of()).size();
        } catch (IOException e) {
            return 0;
        }
    }

    private static long aside(Path folder, String start) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(start))
                    .count();
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private static long residentMegabytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                .findFirst()
                .orElseThrow();
    }
}
