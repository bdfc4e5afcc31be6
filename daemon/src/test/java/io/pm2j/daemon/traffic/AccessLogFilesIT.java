package io.pm2j.daemon.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import io.pm2j.config.spec.edge.AccessLogSpec.Format;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.accesslog.LoopAccessLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogFilesIT {
    private static final Format FORMAT = new Format.Fields(List.of(Field.USER_AGENT, Field.STATUS));
    private static final byte[] AGENT = "curl/8 ".repeat(15).getBytes(StandardCharsets.US_ASCII);
    private static final int LINES = 20_000;
    private static final long MOST_BYTES = 200_000;

    @TempDir
    Path home;

    private final List<ScheduledExecutorService> loops =
            List.of(Executors.newSingleThreadScheduledExecutor(), Executors.newSingleThreadScheduledExecutor());

    @AfterEach
    void endLoops() {
        loops.forEach(ScheduledExecutorService::shutdownNow);
    }

    @Test
    void rotationUnderLoadLosesAndCutsNoLine() throws Exception {
        try (AccessLogFiles files = files()) {
            AccessLog log = files.open(spec(Optional.empty(), new LogRotation(MOST_BYTES, false, 10_000, false, 0)));
            List<Connection> connections = connect(log);
            for (int i = 0; i < 20; i++) {
                // As `pm2j reloadLogs` would do in between.
                files.reopen();
                LockSupport.parkNanos(5_000_000);
            }
            awaitDone(connections);
            log.close();
            assertThat(files.lost()).isZero();
        }

        List<Path> written = listed(home.resolve("logs"));
        assertThat(written).hasSizeGreaterThan(10);
        List<String> lines = new ArrayList<>();
        for (Path file : written) {
            assertThat(Files.size(file)).isLessThanOrEqualTo(MOST_BYTES);
            lines.addAll(Files.readAllLines(file));
        }
        assertThat(lines).hasSize(2 * LINES);
        String start = "{\"user_agent\":\"" + new String(AGENT, StandardCharsets.US_ASCII) + "\",\"status\":";
        assertThat(lines.stream().map(line -> line.startsWith(start) ? line.substring(start.length()) : line))
                .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 2 * LINES)
                        .mapToObj(n -> n + "}")
                        .toList());
    }

    @Test
    void theUsualPlaceIsInTheHomeAndForItsOwnerOnly() throws Exception {
        try (AccessLogFiles files = files()) {
            AccessLog log = files.open(spec(Optional.empty(), LogRotation.DEFAULT));
            Path place = home.resolve("logs/access.log");
            assertThat(files.paths()).containsExactly(place.toRealPath());
            say(log, 1);

            log.close();

            assertThat(Files.readAllLines(place)).hasSize(1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
                    .isEqualTo("rw-------");
            assertThat(files.paths()).isEmpty();
        }
    }

    @Test
    void afterAReopenLinesGoToTheFileAtThePath() throws Exception {
        Path place = home.resolve("mine.log");
        try (AccessLogFiles files = files()) {
            AccessLog log = files.open(spec(Optional.of(place), LogRotation.NEVER));
            say(log, 1);
            awaitLines(place, 1);
            Files.move(place, home.resolve("renamed.log"));
            files.reopen();
            say(log, 2);
            log.close();
        }

        assertThat(Files.readString(home.resolve("renamed.log"))).contains("\"status\":1}");
        assertThat(Files.readString(place)).contains("\"status\":2}").doesNotContain("\"status\":1}");
    }

    @Test
    void aNewLogAtTheSamePlaceGoesOnInTheSameFile() throws Exception {
        Path place = home.resolve("mine.log");
        try (AccessLogFiles files = files()) {
            AccessLog old = files.open(spec(Optional.of(place), LogRotation.NEVER));
            say(old, 1);
            AccessLog fresh = files.open(spec(Optional.of(place), new LogRotation(1 << 20, false, 2, false, 0)));
            old.retire();
            say(fresh, 2);
        }

        assertThat(Files.readAllLines(place)).hasSize(2);
    }

    @Test
    void aFullDiskIsCounted() throws Exception {
        try (AccessLogFiles files = files()) {
            AccessLog log = files.open(spec(Optional.of(Path.of("/dev/full")), LogRotation.NEVER));
            say(log, 1);
            say(log, 2);
            log.close();

            assertThat(files.lost()).isEqualTo(2);
        }
    }

    private AccessLogFiles files() {
        return new AccessLogFiles(home.resolve("logs"), (spec, sink) -> AccessLog.open(spec, sink, loops));
    }

    private static AccessLogSpec spec(Optional<Path> file, LogRotation rotation) {
        return new AccessLogSpec(file, FORMAT, rotation);
    }

    private void say(AccessLog log, int number) throws Exception {
        loops.getFirst().submit(() -> line(log.on(0), number)).get();
    }

    private static void line(LoopAccessLog loop, int number) {
        long _ = loop.begin().text(Field.USER_AGENT, AGENT).status(number).end();
    }

    private List<Connection> connect(AccessLog log) {
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < loops.size(); i++) {
            Connection connection = new Connection(log.on(i), i * LINES);
            loops.get(i).execute(connection);
            connections.add(connection);
        }
        return connections;
    }

    private static void awaitDone(List<Connection> connections) throws InterruptedException {
        for (Connection connection : connections) {
            assertThat(connection.done.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void awaitLines(Path file, int count) throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (Files.readAllLines(file).size() < count) {
            assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static List<Path> listed(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /// Sends one request after the other, as fast as the log lets it.
    private static final class Connection implements Runnable {
        private final LoopAccessLog loop;
        private final int first;
        private final CountDownLatch done = new CountDownLatch(1);
        private int sent;

        private Connection(LoopAccessLog loop, int first) {
            this.loop = loop;
            this.first = first;
        }

        @Override
        public void run() {
            while (sent < LINES) {
                if (loop.behind()) {
                    loop.whenCaughtUp(this);
                    return;
                }
                line(loop, first + ++sent);
            }
            done.countDown();
        }
    }
}
