package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.bench.load.LoadReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A followed file that is edited again and again, in every way in which programs save, under load.
class ConfigEditsIT {
    /// The long form is `-Dpm2j.edits=1000`.
    private static final int EDITS = Integer.getInteger("pm2j.edits", 40);
    /// Before the first look, so that what is loaded and compiled once is not counted.
    private static final int WARM_UP = 10;

    @RegisterExtension
    final Product product = Product.asShipped();

    private int edge;
    private Path file = Path.of("");
    private Path ledgers = Path.of("");

    private void follow() throws Exception {
        product.app("mixed");
        edge = product.freePort();
        ledgers = Files.createDirectories(product.work().resolve("ledgers"));
        file = product.work().resolve("ecosystem.json");
        Files.writeString(file, text("e0", 16, "v0"));
        product.run("start", "ecosystem.json", "--watch-config").succeeds();
        product.answers(edge);
    }

    /// `edition` is what the edge answers at /edition; another `version` means other workers.
    private String text(String edition, int maxRestarts, String version) {
        return """
                { "apps": [{ "name": "mixed", "script": "mixed/app.js", "instances": 2, "exec_mode": "cluster",
                             "max_restarts": %d, "bake": 0, "listen_timeout": 20000,
                             "env": { "LEDGER_DIR": "%s", "VERSION": "%s" } }],
                  "edge": { "listeners": ["127.0.0.1:%d"],
                            "routes": [{ "path": "/edition", "respond": "%s" }, { "path": "/", "app": "mixed" }] } }
                """.formatted(maxRestarts, ledgers, version, edge, edition);
    }

    private void awaitEdition(String edition) throws Exception {
        Product.eventually(edition, () -> edition(), edition::equals);
    }

    private String edition() throws Exception {
        return product.get(edge, "/edition").body();
    }

    /// Race R13 at large: what is wrong or half changes nothing, and what is right costs nothing.
    @Test
    void z13EditsUnderLoadLoseNothingAndLeaveNothingBehind() throws Exception {
        follow();
        long daemon = Outage.daemonPid(product);
        Crossing.assertNothingFailed(Crossing.at(edge).withoutPosts().during(() -> edit(1, WARM_UP)));
        // What clients and their requests take depends on how busy the machine is: it is looked at without them.
        long descriptors = atRest(daemon, Integer.MAX_VALUE);
        long bytes = Processes.liveHeap(daemon);

        LoadReport report = Crossing.at(edge).during(() -> edit(WARM_UP + 1, WARM_UP + EDITS));

        Crossing.assertNothingFailed(report);
        Crossing.assertDoneOnce(ledgers, report);
        atRest(daemon, descriptors + 80);
        assertThat(Processes.liveHeap(daemon)).as("live heap").isLessThan(bytes + bytes / 100 + (1 << 20));
    }

    /// The descriptors that are left when those of clients and of their requests are closed, fewer than `most`.
    private static long atRest(long daemon, long most) throws Exception {
        long[] before = {Long.MAX_VALUE};
        return Product.eventually(
                "fewer descriptors than " + most,
                () -> {
                    Thread.sleep(1_000); // a pace: idle connections are closed after some seconds
                    long last = before[0];
                    before[0] = Processes.descriptors(daemon);
                    return last <= before[0] ? before[0] : Long.MAX_VALUE;
                },
                now -> now < most);
    }

    private void edit(int from, int to) throws Exception {
        String version = "v0";
        String last = edition();
        for (int i = from; i <= to; i++) {
            if (i % 10 == 0) {
                save(i, text("e" + i, i, version).replace("\"respond\"", "\"repsond\""));
                int bad = i;
                Product.eventually(
                        "refused " + bad,
                        () -> product.log("../pm2.log"),
                        log -> log.contains("repsond") && log.split("repsond", -1).length > bad / 10);
                assertThat(edition()).isEqualTo(last);
                continue;
            }
            version = i % 25 == 0 ? "v" + i : version;
            last = "e" + i;
            save(i, text(last, i, version));
            awaitEdition(last);
        }
    }

    /// Race R13. Latency: from the last byte of the save to the new answer.
    @Test
    void z14EveryWayToSaveIsUnderstoodWithinTwoSeconds() throws Exception {
        follow();
        List<Duration> waits = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            String before = edition();
            // Half of it, at rest for longer than editors pause: no JSON, so nothing changes.
            Files.writeString(file, text("half", i, "v0").substring(0, 200));
            Product.eventually("a banner", () -> product.run("ls").all(), out -> out.contains("ecosystem.json"));
            assertThat(edition()).isEqualTo(before);

            save(i, text("e" + i, i, "v0"));
            long since = System.nanoTime();
            awaitEdition("e" + i);
            waits.add(Duration.ofNanos(System.nanoTime() - since));
        }
        waits.sort(Duration::compareTo);
        assertThat(waits.get(waits.size() / 2))
                .as("waits, where the machine lets it: %s", waits)
                .isLessThan(Duration.ofSeconds(2));
        // The new routes answer a moment before all of the file is in force.
        Product.eventually("no banner", () -> product.run("ls").all(), out -> !out.contains("ecosystem.json"));
    }

    @Test
    void z14AFlippedLinkIsTheNextReleaseAndAsQuick() throws Exception {
        follow();
        product.run("delete", "all").succeeds();
        Path releases = Files.createDirectories(product.work().resolve("releases"));
        for (String release : List.of("1", "2", "3")) {
            Path folder = Files.createDirectories(releases.resolve(release));
            Files.writeString(
                    folder.resolve("ecosystem.json"),
                    text("release " + release, 16, "v0").replace("mixed/app.js", product.work() + "/mixed/app.js"));
        }
        Path current = product.work().resolve("current");
        Files.createSymbolicLink(current, releases.resolve("1"));
        product.run("start", "current/ecosystem.json", "--watch-config").succeeds();
        product.answers(edge);
        for (String release : List.of("2", "3", "1")) {
            Path next = Files.createSymbolicLink(product.work().resolve("next"), releases.resolve(release));
            Files.move(next, current, StandardCopyOption.ATOMIC_MOVE);
            awaitEdition("release " + release);
        }
    }

    /// The ways in which programs save; `way` chooses.
    private void save(int way, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        switch (way % 4) {
            case 0 -> Files.write(file, bytes);
            case 1 -> {
                // vim: a swap file, a probe, a backup by renaming
                Path swap = Files.write(file.resolveSibling(".ecosystem.json.swp"), new byte[] {1});
                Files.delete(Files.write(file.resolveSibling("4913"), new byte[0]));
                Path backup = file.resolveSibling("ecosystem.json~");
                Files.move(file, backup, StandardCopyOption.REPLACE_EXISTING);
                Files.write(file, bytes);
                Files.delete(backup);
                Files.delete(swap);
            }
            case 2 -> {
                Path fresh = Files.write(file.resolveSibling(".fresh"), bytes);
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            }
            default -> {
                Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
                Thread.sleep(50); // a slow writer, not a wait
                Files.write(file, Arrays.copyOfRange(bytes, bytes.length / 2, bytes.length), StandardOpenOption.APPEND);
            }
        }
    }

    /// A big file, names in all scripts, another locale and a zone with summer time.
    @Test
    void z32TwoHundredAppsAndFiveHundredRoutesAreAppliedInSecondsAndFoundAtOnce() throws Exception {
        edge = product.freePort();
        file = product.work().resolve("big.json");
        product.with("LC_ALL", "tr_TR.UTF-8").with("TZ", "Europe/Berlin");
        Files.writeString(file, big("one"));
        product.run("start", "big.json").succeeds();
        assertThat(product.jlist()).hasSize(APPS);
        List<Long> pids = product.pids("ünïcödé-字-199");
        assertThat(pids).hasSize(1);

        Files.writeString(file, big("two"));
        Duration usual = took(() -> product.run("ping").succeeds());
        Duration took = took(() -> product.run("apply", "big.json").succeeds());

        assertThat(took)
                .as("beside a command that has nothing to do, %s", usual)
                .isLessThan(usual.multipliedBy(10).plusSeconds(25));
        assertThat(product.get(edge, "/r499/%C3%BC").body()).isEqualTo("two 499");
        assertThat(product.pids("ünïcödé-字-199")).as("untouched").isEqualTo(pids);
        long last = micros("/r499/x");
        long none = micros("/edition");
        assertThat(last)
                .as("µs for one route of 500, beside %d for the first", none)
                .isLessThan(3 * none + 2_000);

        product.run("restart", "ünïcödé-字-7").succeeds();
        assertThat(product.run("describe", "ünïcödé-字-7").succeeds().out()).contains("ünïcödé-字-7");
        product.run("delete", "all").succeeds();
    }

    private static Duration took(Crossing.Event deed) throws Exception {
        long since = System.nanoTime();
        deed.happen();
        return Duration.ofNanos(System.nanoTime() - since);
    }

    private static final int APPS = 200;

    private String big(String word) {
        String apps = String.join(
                ",\n",
                IntStream.range(0, APPS)
                        .mapToObj(i -> "{ \"name\": \"ünïcödé-字-" + i + "\", \"script\": \"sleep 1000\" }")
                        .toList());
        String routes = String.join(
                ",\n",
                IntStream.range(0, 500)
                        .mapToObj(i -> "{ \"path\": \"/r" + i + "\", \"respond\": \"" + word + " " + i + "\" }")
                        .toList());
        return """
                { "apps": [%s],
                  "edge": { "listeners": ["127.0.0.1:%d"],
                            "routes": [{ "path": "/edition", "respond": "%s" }, %s] } }
                """.formatted(apps, edge, word, routes);
    }

    /// The median of many, on one connection.
    private long micros(String path) throws Exception {
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            long since = System.nanoTime();
            assertThat(product.get(edge, path).statusCode()).isEqualTo(200);
            all.add((System.nanoTime() - since) / 1_000);
        }
        all.sort(Long::compareTo);
        return all.get(all.size() / 2);
    }
}
