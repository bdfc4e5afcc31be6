package io.pm2j.daemon;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A followed file and `apply`, against real workers: what is edited applies itself, whole or not at all.
@Timeout(value = 900, unit = SECONDS)
class ConfigFilesIT {
    /// Long form: `-Dpm2j.edits=1000`.
    private static final int EDITS = Integer.getInteger("pm2j.edits", 10);

    @TempDir
    private Path root;

    private ConfigGround ground;

    @BeforeEach
    void start() throws Exception {
        ground = new ConfigGround(root);
    }

    @AfterEach
    void stop() throws Exception {
        ground.close();
    }

    @Test
    void r13EditsOfEveryEditorApplyThemselvesUnderLoadAndWrongOnesDoNot() throws Exception {
        ground.write(ground.app(2, "v0", 16));
        assertThat(ground.apply(true)).as(ground.said()).isZero();
        ground.awaitAnswer("v0");
        try (ConfigGround.Load load = ground.load()) {
            int instances = 2;
            String version = "v0";
            for (int i = 1; i <= EDITS; i++) {
                if (i % 10 == 0) {
                    save(i, ground.app(instances, version, 16).replace("\"instances\"", "\"instnces\""));
                    ground.awaitBanner("instnces");
                    continue;
                }
                int restarts = 16 + i;
                switch (i % 3) {
                    case 0 -> version = "v" + i;
                    case 1 -> instances = 5 - instances;
                    default -> restarts++;
                }
                save(i, ground.app(instances, version, restarts));
                ground.awaitApplied();
                if (i % 3 == 0) {
                    ground.awaitAnswer(version);
                }
            }
            ground.write(ground.app(instances, version, 16));
            ground.awaitApplied();
            assertThat(load.failures()).isEmpty();
            assertThat(load.count()).isGreaterThan(50);
        }
        assertThat(ground.log()).doesNotContain("hush");
    }

    /// Only the rest says that it was half: without it an app would be gone.
    @Test
    void r13HalfAFileThatReadsLikeAWholeOneIsNotApplied() throws Exception {
        ground.file = root.resolve("ecosystem.yaml");
        ground.write(half("v0") + rest());
        assertThat(ground.apply(true)).as(ground.said()).isZero();
        ground.awaitAnswer("v0");
        int beside = ground.pid("beside");
        int rounds = 0;
        for (int i = 1; i <= 20 && rounds < 3; i++) {
            long sinceNanos = System.nanoTime();
            ground.write(half("v" + i));
            Thread.sleep(150); // a slow writer, not a wait
            Files.writeString(ground.file, rest(), StandardOpenOption.APPEND);
            long tookMillis = (System.nanoTime() - sinceNanos) / 1_000_000;

            ground.awaitAnswer("v" + i);
            ground.awaitApplied();
            if (tookMillis < 300) {
                rounds++;
                assertThat(ground.pid("beside")).as("was never gone").isEqualTo(beside);
            }
            beside = ground.pid("beside");
        }
        assertThat(rounds).as("written as quickly as editors do").isPositive();
    }

    private String half(String version) {
        String app = ground.app(1, version, 16).replaceAll("\\s+", " ");
        return "apps:\n  - " + app.substring(app.indexOf('[') + 1, app.lastIndexOf(']')) + "\n";
    }

    private String rest() {
        return "  - " + ground.other("beside") + "\n";
    }

    /// The ways in which programs save.
    private void save(int way, String text) throws Exception {
        Path file = ground.file;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        switch (way % 5) {
            case 0 -> Files.write(file, bytes);
            case 1 -> likeVim(file, bytes);
            case 2 -> {
                // sed -i: another file, renamed over this one
                Path mark = Files.write(root.resolve("wanted"), bytes);
                Process sed = new ProcessBuilder("sed", "-i", "-e", "1r " + mark, "-e", "d", file.toString())
                        .inheritIO()
                        .start();
                assertThat(sed.waitFor()).isZero();
                if (!Files.readString(file).equals(text)) {
                    Files.write(file, bytes);
                }
            }
            case 3 -> {
                Path fresh = Files.write(file.resolveSibling(".fresh"), bytes);
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            }
            default -> {
                Files.write(file, new byte[0]);
                Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
                Thread.sleep(50); // a slow writer, not a wait
                Files.write(file, Arrays.copyOfRange(bytes, bytes.length / 2, bytes.length), StandardOpenOption.APPEND);
            }
        }
    }

    private static void likeVim(Path file, byte[] bytes) throws Exception {
        Path swap = Files.write(file.resolveSibling("." + file.getFileName() + ".swp"), new byte[] {1});
        Path probe = Files.write(file.resolveSibling("4913"), new byte[0]);
        Files.delete(probe);
        Path backup = file.resolveSibling(file.getFileName() + "~");
        Files.move(file, backup, StandardCopyOption.REPLACE_EXISTING);
        Files.write(file, bytes);
        Files.delete(backup);
        Files.delete(swap);
    }

    @Test
    void aFlippedLinkTakesTheAppsToTheNextRelease() throws Exception {
        Path first = ground.release("1", "one");
        Path second = ground.release("2", "two");
        Path current = Files.createSymbolicLink(root.resolve("current"), first);
        ground.file = current.resolve("ecosystem.json");
        assertThat(ground.apply(true)).as(ground.said()).isZero();
        ground.awaitAnswer("one");
        Path flip = Files.createSymbolicLink(root.resolve("flip"), second);
        Files.move(flip, current, StandardCopyOption.ATOMIC_MOVE);
        ground.awaitAnswer("two");
    }

    @Test
    void aFileOfVariablesCountsToo() throws Exception {
        Path variables = Files.writeString(root.resolve("vars"), "VERSION=one\n");
        ground.write(ground.app(1, "", 16).replace("\"env\"", "\"env_file\": \"" + variables + "\", \"env\""));
        assertThat(ground.apply(true)).as(ground.said()).isZero();
        ground.awaitAnswer("one");
        Files.writeString(variables, "VERSION=two\n");
        ground.awaitAnswer("two");
        assertThat(ground.log()).contains("env VERSION").doesNotContain("=two");
    }

    @Test
    void aReleaseThatFailsLeavesAllAsItWas() throws Exception {
        ground.write(ground.app(2, "one", 16));
        assertThat(ground.apply(false)).as(ground.said()).isZero();
        ground.awaitAnswer("one");
        String pids = ground.pids();
        String broken = ground.app(2, "boom", 16);
        ground.write(broken.replace("]}", ", " + ground.other("beside") + "]}"));
        assertThat(ground.apply(false)).isEqualTo(1);
        assertThat(ground.said()).contains("nothing of", "boom");
        ground.awaitAnswer("one");
        assertThat(ground.pids()).isEqualTo(pids);
        assertThat(ground.names()).containsExactly("api");
    }

    @Test
    void whatTheFileNoLongerNamesGoesAndWhatOthersStartedStays() throws Exception {
        ground.startByHand("mine");
        ground.write(ground.app(1, "one", 16).replace("]}", ", " + ground.other("beside") + "]}"));
        assertThat(ground.apply(false)).as(ground.said()).isZero();
        assertThat(ground.names()).containsExactly("api", "beside", "mine");
        ground.write(ground.app(1, "one", 16));
        assertThat(ground.plan()).isEqualTo(2);
        assertThat(ground.said()).contains("- app beside").doesNotContain("mine");
        assertThat(ground.apply(false)).isZero();
        assertThat(ground.names()).containsExactly("api", "mine");
        assertThat(ground.plan()).isZero();
    }

    @Test
    void aRestartedDaemonGoesOnFollowing() throws Exception {
        ground.write(ground.app(1, "one", 16));
        assertThat(ground.apply(true)).as(ground.said()).isZero();
        ground.awaitAnswer("one");
        ground.restartDaemon();
        ground.awaitAnswer("one");
        ground.write(ground.app(1, "two", 16));
        ground.awaitAnswer("two");
    }

    @Test
    void deletingTheAppsEndsTheFollowing() throws Exception {
        ground.write(ground.app(1, "one", 16));
        assertThat(ground.apply(true)).isZero();
        ground.delete("api");
        ground.write("{");
        ground.startByHand("mine");
        assertThat(ground.banner()).isEmpty();
        assertThat(Files.readString(root.resolve("home/config-files.json"))).doesNotContain("ecosystem");
    }
}
