package io.pm2j.supervisor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.supervisor.Eventually;
import io.pm2j.supervisor.NoChildrenLeft;
import io.pm2j.supervisor.log.LogRecord.Stream;
import io.pm2j.supervisor.process.Child;
import io.pm2j.supervisor.process.ExitStatus;
import io.pm2j.supervisor.process.LaunchPlan;
import io.pm2j.supervisor.process.Launcher;
import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.ProcessTree;
import io.pm2j.supervisor.process.Signal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoChildrenLeft.class)
class LogPumpIT {
    private static final Map<String, String> ENV = Map.of("PATH", "/usr/local/bin:/usr/bin:/bin");

    @TempDir
    Path folder;

    private final LogFeed feed = new LogFeed();
    private Poller control;
    private Poller logs;
    private Launcher launcher;
    private LogShelf shelf;
    private LogIntake intake;

    @BeforeEach
    void open() {
        control = new Poller("test");
        logs = new Poller("test-logs");
        launcher = new Launcher(control);
        shelf = new LogShelf();
        intake = new LogIntake(logs, shelf, feed);
    }

    @AfterEach
    void close() {
        control.close();
        logs.close();
        shelf.close();
    }

    @Test
    void writesEachStreamToItsFileAndBothToTheCombinedOne() throws Exception {
        Run run = start("web", LogSpec.DEFAULT, Optional.of(path("all.log")), "echo one; echo two >&2; echo three");

        run.end();

        assertThat(path("web-out.log")).hasContent("one\nthree\n");
        assertThat(path("web-error.log")).hasContent("two\n");
        assertThat(Files.readAllLines(path("all.log"))).containsExactlyInAnyOrder("one", "two", "three");
        assertThat(run.last.last(9)).containsExactlyInAnyOrder("one", "two", "three");
        assertThat(shelf.inUse()).isZero();
    }

    @Test
    void gluesNoLinesTogetherWhenManyShareAFile() throws Exception {
        String script = "i=0; while [ $i -lt 300 ]; do printf line; printf ' '; printf \"$i\\n\"; i=$((i+1)); done;"
                + " printf end";
        List<Run> runs = List.of(
                start("a", LogSpec.DEFAULT, Optional.of(path("all.log")), script),
                start("b", LogSpec.DEFAULT, Optional.of(path("all.log")), script),
                start("c", LogSpec.DEFAULT, Optional.of(path("all.log")), script));
        for (Run run : runs) {
            run.end();
        }

        List<String> lines = Files.readAllLines(path("all.log"));
        assertThat(lines).hasSize(3 * 301).allMatch(line -> line.matches("line \\d+|end"));
        assertThat(Files.readString(path("all.log"))).endsWith("\n");
    }

    @Test
    void keepsEveryByte() throws Exception {
        start("bytes", LogSpec.DEFAULT, Optional.empty(), "printf '\\377\\000\\033[31m\\r\\nx\\n'")
                .end();

        assertThat(Files.readAllBytes(path("bytes-out.log")))
                .isEqualTo("\u00ff\u0000\u001b[31m\r\nx\n".getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void writesWhatNodePrintsAsOneObjectALine() throws Exception {
        LogSpec json = spec(Optional.empty(), true, false, LogRotation.DEFAULT);

        start("node", json, Optional.empty(), "node -e 'console.log(\"a\\nb \\\"é\\\"\"); console.error(\"c\")'")
                .end();

        String out =
                "{\"message\":\"%s\",\"timestamp\":\"TIME\",\"type\":\"%s\",\"process_id\":4,\"app_name\":\"node\"}";
        assertThat(Files.readString(path("node-out.log")))
                .matches(likeTime(out.formatted("a", "out") + "\n" + out.formatted("b \\\"é\\\"", "out") + "\n"));
        assertThat(Files.readString(path("node-error.log"))).matches(likeTime(out.formatted("c", "err") + "\n"));
    }

    @Test
    void putsTheDateBeforeEveryLine() throws Exception {
        LogSpec dated = spec(Optional.of("YYYY-MM-DDTHH:mm:ss"), false, false, LogRotation.DEFAULT);

        start("dated", dated, Optional.empty(), "printf 'one\\ntwo\\nthree'").end();

        assertThat(Files.readAllLines(path("dated-out.log")))
                .hasSize(3)
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d: (one|two|three)"));
    }

    @Test
    void letsFollowersHaveTheLinesOfDisabledLogs() throws Exception {
        LogSpec disabled = spec(Optional.empty(), false, true, LogRotation.DEFAULT);
        try (LogFeed.Follower follower = feed.follow(source -> source.stream() == Stream.OUT)) {
            start("quiet", disabled, Optional.of(path("all.log")), "printf 'one\\r\\ntwo'")
                    .end();

            assertThat(follower.next().text()).isEqualTo("one");
            assertThat(follower.next().text()).isEqualTo("two");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void writesNoFileThatIsSwitchedOff() throws Exception {
        Run run = start(
                shell("echo gone; echo kept >&2"),
                "off",
                LogTargets.of(LogSpec.DEFAULT, LogSpec.NOWHERE, Optional.of(Path.of("NULL"))),
                LogTargets.of(LogSpec.DEFAULT, path("off-error.log"), Optional.empty()));
        run.end();

        assertThat(path("off-error.log")).hasContent("kept\n");
        assertThat(folder).isDirectoryContaining(file -> file.endsWith("off-error.log"));
        assertThat(run.last.last(9)).contains("gone");
    }

    @Test
    void rotatesUnderAFloodWithoutLosingALine() throws Exception {
        LogSpec spec = spec(Optional.empty(), false, false, new LogRotation(200_000, false, 1_000, false, 0));

        start("flood", spec, Optional.empty(), "seq 1 200000").end();

        List<Path> files;
        try (var listed = Files.list(folder)) {
            files = listed.filter(file -> file.toString().contains("flood-out")).toList();
        }
        boolean[] seen = new boolean[200_001];
        int lines = 0;
        for (Path file : files) {
            assertThat(Files.size(file)).isLessThanOrEqualTo(200_000);
            for (String line : Files.readAllLines(file)) {
                int number = Integer.parseInt(line);
                assertThat(seen[number]).as("line %d twice", number).isFalse();
                seen[number] = true;
                lines++;
            }
        }
        assertThat(lines).isEqualTo(200_000);
        assertThat(files).hasSizeGreaterThan(5);
    }

    @Test
    void letsAFloodStarveNobody() throws Exception {
        LogSpec small = spec(Optional.empty(), false, false, new LogRotation(1 << 20, false, 2, false, 0));
        Run flood = start("flood", small, Optional.empty(), "yes a line of a program that prints without an end");
        Eventually.holds(
                "the flood runs",
                () -> Files.exists(path("flood-out.log")) && Files.size(path("flood-out.log")) > 100_000);
        try {
            Run modest = start(
                    "modest",
                    LogSpec.DEFAULT,
                    Optional.empty(),
                    "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); done");
            modest.end();

            assertThat(Files.readAllLines(path("modest-out.log"))).hasSize(200).endsWith("line 199");
            assertThat(flood.exit).isNotDone();
        } finally {
            ProcessTree.signal(flood.child.pid(), Signal.SIGKILL);
            flood.end();
        }
    }

    @Test
    void endsAPumpWhosePipeSomebodyHolds() throws Exception {
        Run run = start("held", LogSpec.DEFAULT, Optional.empty(), "printf 'whole\nhalf'; sleep 60");
        Eventually.holds("it prints", () -> Files.size(path("held-out.log")) > 0);

        run.pumps.forEach(LogPump::close);

        assertThat(path("held-out.log")).hasContent("whole\nhalf\n");
        assertThat(shelf.inUse()).isZero();
        ProcessTree.signal(run.child.pid(), Signal.SIGKILL);
        run.end();
        Eventually.holds("nobody is left", () -> ProcessTree.of(run.child.pid()).isEmpty());
    }

    @Test
    void leavesNoDescriptorOpen() throws Exception {
        start("first", LogSpec.DEFAULT, Optional.empty(), "echo one").end();
        long before = openDescriptors();

        for (int i = 0; i < 5; i++) {
            start("web" + i, LogSpec.DEFAULT, Optional.of(path("all.log")), "echo one")
                    .end();
        }

        // Whoever tidies up beside may look at the folder just then.
        Eventually.holds("all are closed", () -> openDescriptors() <= before);
    }

    private record Run(Child child, CompletableFuture<ExitStatus> exit, List<LogPump> pumps, LogPump.LastLines last) {
        void end() throws Exception {
            exit.get(60, TimeUnit.SECONDS);
            for (LogPump pump : pumps) {
                assertThat(pump.awaitEnd(Duration.ofSeconds(60))).isTrue();
            }
        }
    }

    private Run start(String app, LogSpec spec, Optional<Path> combined, String script) throws IOException {
        return start(
                shell(script),
                app,
                LogTargets.of(spec, path(app + "-out.log"), combined),
                LogTargets.of(spec, path(app + "-error.log"), combined));
    }

    private Run start(LaunchPlan plan, String app, LogTargets out, LogTargets errors) throws IOException {
        CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
        LogPump.LastLines last = new LogPump.LastLines();
        Child child = launcher.launch(plan, exit::complete);
        return new Run(
                child,
                exit,
                List.of(
                        intake.pump(child.output(), new LogSource(4, app, Stream.OUT), out, last),
                        intake.pump(child.errors(), new LogSource(4, app, Stream.ERR), errors, last)),
                last);
    }

    private LaunchPlan shell(String script) {
        return new LaunchPlan(List.of("/bin/sh", "-c", script), ENV, Path.of("/"), false);
    }

    private static LogSpec spec(Optional<String> dateFormat, boolean json, boolean disabled, LogRotation rotation) {
        return new LogSpec(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                dateFormat,
                json,
                disabled,
                rotation);
    }

    private static String likeTime(String text) {
        return Pattern.quote(text).replace("TIME", "\\E\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\\Q");
    }

    private Path path(String name) {
        return folder.resolve(name);
    }

    private static long openDescriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
