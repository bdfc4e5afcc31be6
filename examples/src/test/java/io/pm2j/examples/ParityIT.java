package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pm2j.examples.ParityRow.Group;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// npm's PM2 and pm2j run the same command lines side by side, called by the same name, and are to look the same.
class ParityIT {
    private static final String VERSION = "7.0.4";
    private static final Path TARGET = Product.ROOT.resolve("examples/target");
    private static final Path PEER = TARGET.resolve("pm2-" + VERSION);
    private static final Path PROGRAM = PEER.resolve("node_modules/.bin/pm2");
    private static final Duration SETTLING = Duration.ofSeconds(60);
    private static final Duration STEADY = Duration.ofMillis(150);
    /// Where a difference is expected.
    private static final Duration BRIEF = Duration.ofMillis(500);

    @BeforeAll
    static void install() throws IOException, InterruptedException {
        if (Files.exists(PROGRAM)) {
            return;
        }
        Files.createDirectories(PEER);
        Process npm = new ProcessBuilder(
                        "sh", "-c", "npm install --no-audit --no-fund --silent --prefix " + PEER + " pm2@" + VERSION)
                .redirectErrorStream(true)
                .redirectOutput(PEER.resolve("npm.txt").toFile())
                .start();
        boolean ended = npm.waitFor(5, TimeUnit.MINUTES);
        npm.destroyForcibly();
        assumeTrue(ended && npm.exitValue() == 0 && Files.exists(PROGRAM), "npm cannot be reached for pm2@" + VERSION);
    }

    @TestFactory
    Stream<DynamicContainer> looksLikePm2() {
        String chosen = System.getProperty("parity", "");
        return ParityTable.GROUPS.stream()
                .filter(group -> group.name().contains(chosen))
                .map(ParityIT::container);
    }

    private static DynamicContainer container(Group group) {
        List<Side> sides = new ArrayList<>();
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest("(both homes)", () -> {
            Path homes = Files.createDirectories(TARGET.resolve("homes"));
            Path place = Files.createTempDirectory(homes, "p").toRealPath();
            sides.add(Side.of("PM2", place.resolve("a"), PROGRAM, Asked::listOfPm2));
            sides.add(Side.of("pm2j", place.resolve("b"), Product.ROOT.resolve("pm2j"), Asked::listOfPm2j));
        }));
        group.rows().forEach(row -> tests.add(DynamicTest.dynamicTest(row.line(), () -> compare(row, sides))));
        tests.add(DynamicTest.dynamicTest(
                "(nothing is left)",
                () -> both(
                        () -> {
                            sides.getFirst().end();
                            return "";
                        },
                        () -> {
                            sides.getLast().end();
                            return "";
                        })));
        return DynamicContainer.dynamicContainer(group.name(), tests);
    }

    private static void compare(ParityRow row, List<Side> sides) throws Exception {
        for (Side side : sides) {
            side.forget();
        }
        List<Ran> ran = both(
                () -> sides.getFirst().run(row.line()), () -> sides.getLast().run(row.line()));
        List<String> differences = new ArrayList<>();
        if (ran.getFirst().exit() != ran.getLast().exit()) {
            differences.add("exit code");
        }
        for (Look look : row.looks()) {
            difference(look, sides, ran, row.better().isEmpty() ? SETTLING : BRIEF)
                    .ifPresent(differences::add);
        }
        sides.forEach(side -> side.restarts().rowIsOver());
        String report =
                String.join("\n", differences) + "\n--- PM2\n" + ran.getFirst() + "\n--- pm2j\n" + ran.getLast();
        if (row.better().isEmpty()) {
            assertThat(differences).as(report).isEmpty();
        } else {
            assertThat(differences)
                    .as("a difference is stated that is none: " + report)
                    .isNotEmpty();
            String documented = Files.readString(Product.ROOT.resolve("docs/pm2-compat.md"));
            assertThat(documented.contains(row.better()))
                    .as("docs/pm2-compat.md says '" + row.better() + "'")
                    .isTrue();
        }
    }

    /// What settles is alike twice, and the same both times.
    private static Optional<String> difference(Look look, List<Side> sides, List<Ran> ran, Duration settling)
            throws Exception {
        long deadlineNanos = System.nanoTime() + settling.toNanos();
        List<Object> before = List.of();
        while (true) {
            List<Object> seen = both(
                    () -> look.observe().of(sides.getFirst(), ran.getFirst()),
                    () -> look.observe().of(sides.getLast(), ran.getLast()));
            Optional<String> difference = Look.difference(look, seen.getFirst(), seen.getLast());
            boolean steady = difference.isEmpty() && seen.equals(before);
            if (steady || !look.settles() || System.nanoTime() > deadlineNanos) {
                return difference;
            }
            before = seen;
            Thread.sleep(STEADY);
        }
    }

    /// Does both at a time.
    private static <T> List<T> both(Callable<T> theirs, Callable<T> ours) throws Exception {
        FutureTask<T> task = new FutureTask<>(theirs);
        Thread.ofVirtual().start(task);
        T second;
        try {
            second = ours.call();
        } finally {
            task.run(); // nothing when it runs already
        }
        try {
            return List.of(task.get(), second);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AssertionError failed) {
                throw failed;
            }
            throw e;
        }
    }
}
