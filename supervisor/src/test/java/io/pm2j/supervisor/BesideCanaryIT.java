package io.pm2j.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.AppName;
import io.pm2j.config.Cron;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.config.spec.WatchSpec;
import io.pm2j.supervisor.app.AppJournal;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.app.SupervisorHome;
import io.pm2j.supervisor.traffic.FakeTrafficGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What happens to the old workers while a canary is open beside them, with real Node workers.
@ExtendWith(NoChildrenLeft.class)
class BesideCanaryIT {
    private static final AppName APP = new AppName("app");
    private static final String HELLO = "require('http').createServer((q, s) => s.end('ok')).listen(3000);";
    private static final Duration MOMENT = Duration.ofMillis(200);

    @TempDir
    Path folder;

    private final FakeTrafficGate gate = new FakeTrafficGate();
    private final AtomicInteger ids = new AtomicInteger();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Ear ear = new Ear(logged);
    private Supervisor supervisor;

    @BeforeEach
    void open() throws IOException {
        Logger.getLogger("").addHandler(ear);
        Path home = Files.createDirectory(folder.resolve("home"));
        supervisor = new Supervisor(new SupervisorHome(home), gate, AppJournal.NONE, ids::getAndIncrement);
    }

    @AfterEach
    void close() {
        // A test that failed meanwhile has left its busy worker.
        gate.busy.countDown();
        supervisor.close();
        Logger.getLogger("").removeHandler(ear);
    }

    @Test
    void anOldWorkerThatUsesTooMuchMemoryIsReplacedByOneOfItsOwnGeneration() throws Exception {
        Path eat = folder.resolve("eat");
        String hungry = "const fs = require('fs'); setInterval(() => { if (fs.existsSync('" + eat + "')) { fs.rmSync('"
                + eat + "'); globalThis.fat = Buffer.alloc(400 << 20, 1) } }, 20);";
        AppSpec old = Specs.mostMemory(app("old.js", HELLO + hungry), 300L << 20);
        begin(old);
        ProcessView before = theOld();
        openCanary(old);

        Files.createFile(eat);

        Eventually.holds(
                "replaced",
                () -> theOld().pid() != before.pid() && gate.workers().size() == 2);
        Eventually.holds("it is said why", () -> theOld().lastReason().contains("memory"));
        assertThat(theOld().generation()).isEqualTo(before.generation());
        assertThat(theCanary().generation()).isEqualTo(before.generation() + 1);

        assertThat(supervisor.promote(APP, 100, progress())).isTrue();
        assertThat(supervisor.processes()).extracting(ProcessView::generation).containsExactly(before.generation() + 1);
    }

    @Test
    void anOldWorkerWhoseHourHasComeIsReplacedByOneOfItsOwnGeneration() throws Exception {
        AppSpec old = Specs.cron(app("old.js", HELLO), Cron.parse("*/5 * * * * *"));
        begin(old);
        openCanary(old);
        ProcessView before = theOld();
        int canary = supervisor.processes().getLast().pid();

        Eventually.holds(
                "replaced",
                () -> theOld().pid() != before.pid() && theOld().lastReason().contains("cron"));

        assertThat(theOld().generation()).isEqualTo(before.generation());
        assertThat(supervisor.processes().getLast().pid()).isEqualTo(canary);
        assertThat(supervisor.processes().getLast().generation()).isEqualTo(before.generation() + 1);
    }

    @Test
    void anOldWorkerThatEndsAfterTheCanaryWasAbortedIsReplacedByOneOfItsOwnGeneration() throws Exception {
        AppSpec old = app("old.js", HELLO);
        begin(old);
        ProcessView before = theOld();
        openCanary(old);
        assertThat(supervisor.abort(APP, progress())).isTrue();
        Set<Long> oldWorkers = gate.workers();

        boolean _ = ProcessHandle.of(before.pid()).orElseThrow().destroyForcibly();
        Eventually.holds(
                "it is back",
                () -> supervisor.processes().getFirst().pid() != before.pid()
                        && !gate.workers().isEmpty()
                        && !gate.workers().equals(oldWorkers));

        assertThat(supervisor.processes().getFirst().generation()).isEqualTo(before.generation());
        assertThat(supervisor.reload(APP, Set.of(), Optional.of(old), ReloadTerms.USUAL, progress()))
                .isTrue();
        assertThat(supervisor.processes().getFirst().generation())
                .as("no number is given twice")
                .isEqualTo(before.generation() + 2);
    }

    @Test
    void aChangedFileWaitsUntilTheCanaryIsAborted() throws Exception {
        AppSpec old = watched(app("old.js", HELLO));
        begin(old);
        ProcessView before = theOld();
        openCanary(old);
        ProcessView canary = theCanary();

        change();

        Eventually.holds("it is put off", () -> putOff());
        Thread.sleep(Duration.ofSeconds(1)); // time to go wrong in
        assertThat(theOld().pid()).isEqualTo(before.pid());
        assertThat(theCanary().pid()).isEqualTo(canary.pid());
        assertThat(supervisor.abort(APP, progress())).isTrue();
        Eventually.holds(
                "restarted for the change",
                () -> supervisor.processes().size() == 1
                        && supervisor.processes().getFirst().lastReason().contains("data.txt changed"));
    }

    @Test
    void aChangedFileIsForgottenWhenTheCanaryIsPromoted() throws Exception {
        AppSpec old = watched(app("old.js", HELLO));
        begin(old);
        openCanary(old);
        change();
        Eventually.holds("it is put off", () -> putOff());

        assertThat(supervisor.promote(APP, 100, progress())).isTrue();
        int promoted = supervisor.processes().getFirst().pid();

        Thread.sleep(Duration.ofSeconds(1)); // time to go wrong in
        assertThat(supervisor.processes()).extracting(ProcessView::pid).containsExactly(promoted);
    }

    @Test
    void aFileThatChangesWhileTheCanaryTakesOverIsNotForgotten() throws Exception {
        AppSpec old = watched(app("old.js", HELLO));
        begin(old);
        openCanary(old);
        // The old one is busy, so the promotion is not over before the test says so.
        gate.busy = new CountDownLatch(1);
        int before = theOld().pid();

        CompletableFuture<Boolean> promotion = aside(() -> supervisor.promote(APP, 100, progress()));
        Eventually.holds("it is under way", () -> theOld().pid() != before);
        change();

        Eventually.holds("it is put off", () -> putOff());
        assertThat(promotion).isNotDone();
        gate.busy.countDown();
        assertThat(promotion.get(90, TimeUnit.SECONDS)).isTrue();
        Eventually.holds(
                "restarted for the change",
                () -> supervisor.processes().getFirst().lastReason().contains("data.txt changed"));
    }

    @Test
    void aPromotionThatCannotBeginLeavesTheCanaryOpen() throws Exception {
        AppSpec old = app("old.js", HELLO);
        begin(old);
        ProcessView before = theOld();
        openCanary(old);
        ProcessView canary = theCanary();
        Files.move(folder.resolve("next.js"), folder.resolve("elsewhere.js"));

        assertThat(supervisor.promote(APP, 100, progress())).isFalse();

        assertThat(errors)
                .anyMatch(e -> e.contains("next.js does not exist"))
                .anyMatch(e -> e.contains("The canary of app (generation 2) stays open, with 50%"));
        assertThat(theOld().pid()).isEqualTo(before.pid());
        assertThat(theCanary().pid()).isEqualTo(canary.pid());
        assertThat(gate.workers()).hasSize(2);

        Files.move(folder.resolve("elsewhere.js"), folder.resolve("next.js"));
        assertThat(supervisor.promote(APP, 100, progress())).isTrue();
        assertThat(supervisor.processes()).hasSize(1);
    }

    @Test
    void aPromotionWaitsForTheReloadThatRunsAndFindsNoCanary() throws Exception {
        AppSpec old = app("old.js", HELLO);
        begin(old);
        gate.busy = new CountDownLatch(1);
        int before = theOld().pid();
        AppSpec next = next(old, "next.js", HELLO);
        CompletableFuture<Boolean> reload =
                aside(() -> supervisor.reload(APP, Set.of(), Optional.of(next), ReloadTerms.USUAL, progress()));
        Eventually.holds("it is under way", () -> theOld().pid() != before);

        CompletableFuture<Boolean> promotion = aside(() -> supervisor.promote(APP, 100, progress()));
        CompletableFuture<Boolean> abort = aside(() -> supervisor.abort(APP, progress()));
        TimeUnit.MILLISECONDS.sleep(300); // time to go wrong in
        assertThat(List.of(reload, promotion, abort)).noneMatch(CompletableFuture::isDone);
        gate.busy.countDown();

        assertThat(reload.get(90, TimeUnit.SECONDS)).isTrue();
        assertThat(promotion.get(90, TimeUnit.SECONDS)).isFalse();
        assertThat(abort.get(90, TimeUnit.SECONDS)).isFalse();
        assertThat(errors)
                .hasSize(2)
                .allMatch(e -> e.contains("App [app] has no open canary (expected: pm2j reload app --canary"));
        assertThat(supervisor.processes()).extracting(ProcessView::generation).containsExactly(2);
    }

    @Test
    void anAbortThatComesWhileTheCanaryTakesOverIsTooLate() throws Exception {
        AppSpec old = app("old.js", HELLO);
        begin(old);
        openCanary(old);
        gate.busy = new CountDownLatch(1);
        int before = theOld().pid();
        CompletableFuture<Boolean> promotion = aside(() -> supervisor.promote(APP, 100, progress()));
        Eventually.holds("it is under way", () -> theOld().pid() != before);

        CompletableFuture<Boolean> abort = aside(() -> supervisor.abort(APP, progress()));
        CompletableFuture<Boolean> again = aside(() -> supervisor.promote(APP, 100, progress()));
        TimeUnit.MILLISECONDS.sleep(300); // time to go wrong in
        assertThat(List.of(promotion, abort, again)).noneMatch(CompletableFuture::isDone);
        gate.busy.countDown();

        assertThat(promotion.get(90, TimeUnit.SECONDS)).isTrue();
        assertThat(abort.get(90, TimeUnit.SECONDS)).isFalse();
        assertThat(again.get(90, TimeUnit.SECONDS)).isFalse();
        assertThat(errors).hasSize(2).allMatch(e -> e.contains("has no open canary"));
        assertThat(supervisor.processes()).extracting(ProcessView::generation).containsExactly(2);
    }

    /// The reload is not refused because of the canary that was open when it was asked for: it comes after.
    @Test
    void aNewerSpecCutsAPromotionShort() throws Exception {
        Path hold = folder.resolve("hold");
        Path held = folder.resolve("held");
        String ready = HELLO + "const fs = require('fs'); if (fs.existsSync('" + hold + "')) fs.writeFileSync('" + held
                + "', ''); else process.send('ready');";
        AppSpec old = Specs.waitReady(app("old.js", ready), Duration.ofSeconds(60));
        begin(old);
        openCanary(old, ready);
        Files.createFile(hold);
        CompletableFuture<Boolean> promotion = aside(() -> supervisor.promote(APP, 100, progress()));
        Eventually.holds("it is under way", () -> Files.exists(held));

        AppSpec newest = next(old, "newest.js", HELLO + "process.send('ready')");
        CompletableFuture<Boolean> reload =
                aside(() -> supervisor.reload(APP, Set.of(), Optional.of(newest), ReloadTerms.USUAL, progress()));

        assertThat(promotion.get(90, TimeUnit.SECONDS)).isFalse();
        assertThat(reload.get(90, TimeUnit.SECONDS)).isTrue();
        assertThat(errors).anyMatch(e -> e.contains("a newer spec was given (reload)"));
        assertThat(supervisor.processes()).hasSize(1);
        assertThat(theOld().script()).endsWith("newest.js");
        Eventually.holds("the newest alone serves", () -> gate.workers().size() == 1);
    }

    private static <T> CompletableFuture<T> aside(Callable<T> what) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(what.call());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private void begin(AppSpec spec) throws Exception {
        assertThat(supervisor.add(spec) && supervisor.start(APP, progress())).isTrue();
        Eventually.holds("it serves", () -> gate.workers().size() == 1);
    }

    private void openCanary(AppSpec old) throws Exception {
        openCanary(old, HELLO);
    }

    private void openCanary(AppSpec old, String source) throws Exception {
        AppSpec next = next(old, "next.js", source);
        ReloadTerms terms = ReloadTerms.USUAL.withCanary("50%").orElseThrow();
        assertThat(supervisor.reload(APP, Set.of(), Optional.of(next), terms, progress()))
                .as(errors::toString)
                .isTrue();
    }

    private AppSpec next(AppSpec old, String script, String source) throws IOException {
        return old.draft()
                .program(app(script, source).program(), folder)
                .rollout(new RolloutSpec(1, 0, Optional.of(MOMENT)))
                .spec();
    }

    private boolean putOff() {
        return logged.stream().anyMatch(sentence -> sentence.contains("restarts later"));
    }

    private void change() throws IOException {
        // Created and no more: what is written too may change twice, where the machine pauses in between.
        Files.createFile(folder.resolve("watched/data.txt"));
    }

    private ProcessView theOld() {
        return supervisor.processes().getFirst();
    }

    private ProcessView theCanary() {
        assertThat(supervisor.processes()).hasSize(2);
        return supervisor.processes().getLast();
    }

    private AppSpec app(String script, String source) throws IOException {
        Path file = Files.writeString(folder.resolve(script), source);
        return Specs.cluster("app", file.toString(), 1)
                .draft()
                .rollout(new RolloutSpec(1, 0, Optional.of(MOMENT)))
                .spec();
    }

    private AppSpec watched(AppSpec spec) throws IOException {
        Path watched = Files.createDirectory(folder.resolve("watched"));
        return spec.draft()
                .watch(new WatchSpec(List.of(watched), List.of(), MOMENT))
                .spec();
    }

    private Progress progress() {
        return new Progress() {
            @Override
            public void info(String sentence) {}

            @Override
            public void warn(String sentence) {}

            @Override
            public void error(String sentence) {
                errors.add(sentence);
            }
        };
    }
}
