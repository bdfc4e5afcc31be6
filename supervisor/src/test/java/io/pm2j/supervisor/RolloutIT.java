package io.pm2j.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.supervisor.app.AppJournal;
import io.pm2j.supervisor.app.AppRecord;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.app.SupervisorHome;
import io.pm2j.supervisor.traffic.FakeTrafficGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// One generation taking over from another, with real Node workers, and back when it fails.
@ExtendWith(NoChildrenLeft.class)
class RolloutIT {
    private static final AppName APP = new AppName("app");
    private static final String HELLO = "require('http').createServer((q, s) => s.end('ok')).listen(3000);";
    private static final ReloadTerms NO_ROLLBACK = new ReloadTerms(OptionalInt.empty(), false, false);

    @TempDir
    Path folder;

    private final FakeTrafficGate gate = new FakeTrafficGate();
    private final AtomicInteger ids = new AtomicInteger();
    private final Heard heard = new Heard();
    private Supervisor supervisor;

    @BeforeEach
    void open() throws IOException {
        Path home = Files.createDirectory(folder.resolve("home"));
        supervisor = new Supervisor(new SupervisorHome(home), gate, AppJournal.NONE, ids::getAndIncrement);
    }

    @AfterEach
    void close() {
        supervisor.close();
    }

    /// Ready, then crash.
    @Test
    void r6TheOldWorkerComesBackWhenTheNewOneEndsInItsBake() throws Exception {
        Path mayEnd = folder.resolve("may-end");
        AppSpec good = baking(app("good.js", HELLO, 1), Duration.ofSeconds(60));
        start(good);
        int old = views().getFirst().pid();
        Set<Long> before = gate.workers();
        gate.asked.clear();
        AppSpec bad = to(
                good,
                "bad.js",
                HELLO + "setInterval(() => { if (require('fs').existsSync('" + mayEnd
                        + "')) { console.log('lost it'); process.exit(3) } }, 20)");

        CompletableFuture<Boolean> reload = reload(bad);
        Eventually.holds("the new one serves", () -> gate.asked.contains("admit [2]"));
        Files.createFile(mayEnd);
        assertThat(reload.get(120, TimeUnit.SECONDS)).isFalse();

        assertThat(views()).extracting(ProcessView::pid).containsExactly(old);
        assertThat(gate.workers()).isEqualTo(before);
        assertThat(gate.asked)
                .as("nobody ever asked whether the old one is idle")
                .doesNotContain("idle 1");
        assertThat(heard.errors).anyMatch(e -> e.contains("ended with exit code 3 after it had been ready"));
        assertThat(heard.errors).anyMatch(e -> e.contains("lost it"));
        assertThat(spec()).isEqualTo(good);
        assertThat(views().getFirst().lastReason()).contains("exit code 3");
    }

    /// It listens long before it can be used.
    @Test
    void r8AWorkerThatListensGetsNothingBeforeItSaysThatItIsReady() throws Exception {
        Path mayServe = folder.resolve("may-serve");
        AppSpec good = Specs.waitReady(app("good.js", HELLO + "process.send('ready')", 1), Duration.ofSeconds(30));
        start(good);
        Set<Long> before = gate.workers();
        gate.asked.clear();
        String patient = "const t = setInterval(() => { if (require('fs').existsSync('" + mayServe
                + "')) { clearInterval(t); process.send('ready') } }, 20);";
        CompletableFuture<Boolean> reload = reload(to(good, "slow.js", HELLO + patient));
        Eventually.holds(
                "the new one listens",
                () -> gate.asked.contains("open [::]:3000") || running().size() == 2);
        TimeUnit.MILLISECONDS.sleep(500); // time to go wrong in

        assertThat(gate.workers()).isEqualTo(before);
        assertThat(reload).isNotDone();

        Files.createFile(mayServe);
        assertThat(reload.get(120, TimeUnit.SECONDS)).isTrue();
        assertThat(gate.workers()).hasSize(1).isNotEqualTo(before);
    }

    /// The requests are answered, the streams go on: the old worker stays for them.
    @Test
    void r10AWorkerThatOnlyStreamsKeepIsNeitherWaitedForNorEnded() throws Exception {
        AppSpec good = app("good.js", HELLO, 1);
        start(good);
        int old = views().getFirst().pid();
        gate.streams = 1;
        gate.keepsStreams = true;

        assertThat(reload(to(good, "next.js", HELLO)).get(120, TimeUnit.SECONDS))
                .isTrue();

        assertThat(scripts()).containsExactly("next.js");
        assertThat(gate.asked).doesNotContain("end streams 1");
        assertThat(ProcessHandle.of(old).filter(ProcessHandle::isAlive)).isPresent();
        gate.keepsStreams = false;
        gate.streams = 0;
        Eventually.holds("gone with its last stream", () -> running().equals(List.of("next.js")));
    }

    @Test
    void whatWasReplacedBeforeIsStartedAnewFromTheOldSpec() throws Exception {
        AppSpec good = app("good.js", HELLO, 3);
        start(good);
        List<Integer> old = pids();
        AppSpec bad = to(good, "bad.js", "if (process.env.NODE_APP_INSTANCE === '2') process.exit(4);" + HELLO);

        assertThat(reload(bad).get(120, TimeUnit.SECONDS)).isFalse();

        assertThat(scripts()).containsOnly("good.js");
        assertThat(pids().getLast()).as("never touched").isEqualTo(old.getLast());
        assertThat(pids().getFirst()).isNotEqualTo(old.getFirst());
        awaitServing(3);
        assertThat(spec()).isEqualTo(good);
    }

    @Test
    void withoutRollbackTheNewOneServesThoughItIsLate() throws Exception {
        AppSpec good = Specs.waitReady(app("good.js", HELLO + "process.send('ready')", 1), Duration.ofMillis(700));
        start(good);
        int old = views().getFirst().pid();
        AppSpec late = to(good, "late.js", HELLO);

        assertThat(reload(late, NO_ROLLBACK).get(120, TimeUnit.SECONDS)).isTrue();

        assertThat(pids()).doesNotContain(old);
        assertThat(scripts()).containsOnly("late.js");
        assertThat(heard.warnings).anyMatch(w -> w.contains("goes on with the new one (no rollback)"));
    }

    @Test
    void touchesNothingWhenItCannotBeStartedAnyway() throws Exception {
        AppSpec good = app("good.js", HELLO, 1);
        start(good);
        List<Integer> old = pids();
        AppSpec gone = to(good, "gone.js", HELLO);
        Files.delete(folder.resolve("gone.js"));

        assertThat(reload(gone).get(120, TimeUnit.SECONDS)).isFalse();

        assertThat(pids()).isEqualTo(old);
        assertThat(ids.get()).isOne();
        assertThat(heard.errors).anyMatch(e -> e.contains("was not reloaded: script") && e.contains("does not exist"));
    }

    @Test
    void replacesSeveralAtATime() throws Exception {
        AppSpec spec = app("app.js", HELLO, 4);
        start(spec);
        List<Integer> old = pids();
        ReloadTerms four = new ReloadTerms(OptionalInt.of(4), false, true);
        gate.asked.clear();

        assertThat(reload(to(spec, "next.js", HELLO), four).get(120, TimeUnit.SECONDS))
                .isTrue();

        assertThat(pids()).hasSize(4).doesNotContainAnyElementsOf(old);
        assertThat(gate.asked.indexOf("admit [5, 6, 7, 8]"))
                .isLessThan(gate.asked.indexOf("idle 1"))
                .isNotNegative();
    }

    @Test
    void r9ANewerSpecCutsARolloutShort() throws Exception {
        AppSpec good = Specs.waitReady(app("good.js", HELLO + "process.send('ready')", 2), Duration.ofSeconds(60));
        start(good);
        CompletableFuture<Boolean> hanging = reload(to(good, "hanging.js", HELLO));
        Eventually.holds("the new one boots", () -> running().contains("hanging.js"));

        CompletableFuture<Boolean> newest = reload(to(good, "newest.js", HELLO + "process.send('ready')"));

        assertThat(hanging.get(120, TimeUnit.SECONDS)).isFalse();
        assertThat(newest.get(120, TimeUnit.SECONDS)).isTrue();
        assertThat(scripts()).containsOnly("newest.js");
        Eventually.holds("and nobody else runs", () -> running().equals(List.of("newest.js", "newest.js")));
        assertThat(heard.errors).anyMatch(e -> e.contains("a newer spec was given"));
    }

    @Test
    void holdsRequestsWhileItIsPausedAndItsProcessRunsOn() throws Exception {
        start(app("app.js", HELLO, 2));
        List<Integer> before = pids();

        assertThat(supervisor.hold(APP, true, heard)).isTrue();
        assertThat(gate.workers()).isEmpty();
        assertThat(pids()).isEqualTo(before);
        assertThat(views()).extracting(ProcessView::status).containsExactly("paused", "paused");

        ProcessHandle.of(before.getFirst()).orElseThrow().destroyForcibly();
        Eventually.holds(
                "replaced, and paused still",
                () -> !pids().contains(before.getFirst())
                        && views().stream().allMatch(v -> v.status().equals("paused")));
        assertThat(gate.workers()).isEmpty();

        assertThat(supervisor.hold(APP, false, heard)).isTrue();
        Eventually.holds("both serve again", () -> gate.workers().size() == 2);
        assertThat(views()).extracting(ProcessView::status).containsOnly("online");
    }

    @Test
    void goesBackToAnyOfTheLastSpecs() throws Exception {
        AppSpec first = app("1.js", HELLO, 1);
        start(first);
        for (int i = 2; i <= 3; i++) {
            assertThat(reload(to(first, i + ".js", HELLO)).get(120, TimeUnit.SECONDS))
                    .isTrue();
        }
        AppRecord record = supervisor.records().getFirst();
        assertThat(record.past()).extracting(g -> name(g.spec())).containsExactly("1.js", "2.js", "3.js");

        assertThat(supervisor.rollBack(APP, OptionalInt.empty(), heard)).isTrue();
        assertThat(scripts()).containsExactly("2.js");

        int one = record.past().getFirst().number();
        assertThat(supervisor.rollBack(APP, OptionalInt.of(one), heard)).isTrue();
        assertThat(scripts()).containsExactly("1.js");

        assertThat(supervisor.rollBack(APP, OptionalInt.of(99), heard)).isFalse();
        assertThat(heard.errors).anyMatch(e -> e.contains("has no generation 99 (kept: "));
    }

    /// Deploying by a link, as Capistrano does: `current -> releases/N`.
    @Test
    void aGenerationStaysInItsReleaseUntilTheReload() throws Exception {
        Path current = folder.resolve("current");
        for (String release : List.of("7", "8")) {
            Path home = Files.createDirectories(folder.resolve("releases/" + release));
            Files.writeString(home.resolve("app.js"), HELLO);
        }
        Files.createSymbolicLink(current, folder.resolve("releases/7"));
        start(Specs.cluster("app", current.resolve("app.js").toString(), 1));
        Files.delete(current);
        Files.createSymbolicLink(current, folder.resolve("releases/8"));

        int before = pids().getFirst();
        Set<Long> served = gate.workers();
        boolean _ = ProcessHandle.of(before).orElseThrow().destroyForcibly();
        Eventually.holds(
                "it is back",
                () -> gate.workers().size() == 1 && !gate.workers().equals(served));
        assertThat(cwd()).endsWith(Path.of("releases/7"));

        assertThat(reload(spec()).get(120, TimeUnit.SECONDS)).isTrue();
        assertThat(cwd()).endsWith(Path.of("releases/8"));

        assertThat(supervisor.rollBack(APP, OptionalInt.empty(), heard)).isTrue();
        assertThat(cwd()).endsWith(Path.of("releases/7"));

        assertThat(supervisor.rollBack(APP, OptionalInt.empty(), heard)).isTrue();
        assertThat(cwd()).endsWith(Path.of("releases/8"));
        boolean _ = supervisor.stop(APP, Set.of(), heard);
        assertThat(supervisor.rollBack(APP, OptionalInt.empty(), heard)).isTrue();
        assertThat(cwd()).as("nobody ran").endsWith(Path.of("releases/7"));
        assertThat(views().getFirst().generation())
                .as("one generation a rollback")
                .isEqualTo(supervisor.records().getFirst().generation());
    }

    private Path cwd() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + pids().getFirst() + "/cwd"));
    }

    /// Z29: whatever comes in whatever order, in the end one generation serves and nothing else runs.
    @Test
    void z29NoScheduleLeavesTwoGenerationsOrAZombie() throws Exception {
        // Rollouts begin while old workers boot: what need not serve is taken over once it has lived for a moment.
        AppSpec spec = Specs.minUptime(app("0.js", HELLO, 2), Duration.ofMillis(300));
        start(spec);
        for (int seed = 1; seed <= 4; seed++) {
            Random random = new Random(seed);
            List<String> story = new ArrayList<>();
            List<CompletableFuture<Boolean>> answers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                String script = seed + "-" + i + ".js";
                int count = 1 + i % 3;
                switch (random.nextInt(7)) {
                    case 0, 1 -> answers.add(tell(story, "edit " + script, () -> reloadNow(to(spec, script, HELLO))));
                    case 2 -> answers.add(tell(story, "broken " + script, () -> reloadNow(to(spec, script, "boom()"))));
                    case 3 -> answers.add(tell(story, "scale", () -> supervisor.scale(APP, count, heard)));
                    case 4 -> answers.add(tell(story, "stop", () -> supervisor.stop(APP, Set.of(), heard)));
                    case 5 ->
                        answers.add(tell(
                                story, "restart", () -> supervisor.restart(APP, Set.of(), Optional.empty(), heard)));
                    default -> {
                        story.add("crash");
                        pids().stream()
                                .flatMap(pid -> ProcessHandle.of(pid).stream())
                                .findFirst()
                                .ifPresent(ProcessHandle::destroyForcibly);
                    }
                }
                TimeUnit.MILLISECONDS.sleep(random.nextInt(250)); // the schedule, not a wait
            }
            for (CompletableFuture<Boolean> answer : answers) {
                boolean _ = answer.get(240, TimeUnit.SECONDS);
            }
            int wanted = views().size();
            Eventually.holds("all is at rest after seed " + seed + " " + story + " but " + running(), () -> {
                List<String> running = running();
                long up = pids().size();
                return (up == wanted || up == 0)
                        && running.size() == up
                        && running.stream().distinct().count() <= 1
                        && (up == 0 || running.getFirst().equals(name(spec())));
            });
        }
    }

    private interface Ask {
        boolean run() throws Exception;
    }

    private static CompletableFuture<Boolean> tell(List<String> story, String what, Ask ask) {
        story.add(what);
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(ask.run());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private boolean reloadNow(AppSpec to) throws InterruptedException {
        return supervisor.reload(APP, Set.of(), Optional.of(to), ReloadTerms.USUAL, heard);
    }

    private void start(AppSpec spec) throws Exception {
        assertThat(supervisor.add(spec) && supervisor.start(spec.name(), heard)).isTrue();
        heard.errors.clear();
        awaitServing(spec.instances().orElse(1));
    }

    /// One that says it is ready before it listens has no requests at the end of its start.
    private void awaitServing(int workers) throws Exception {
        Eventually.holds("so many serve: " + workers, () -> gate.workers().size() == workers);
    }

    private CompletableFuture<Boolean> reload(AppSpec to) {
        return reload(to, ReloadTerms.USUAL);
    }

    private CompletableFuture<Boolean> reload(AppSpec to, ReloadTerms terms) {
        return tell(new ArrayList<>(), "", () -> supervisor.reload(APP, Set.of(), Optional.of(to), terms, heard));
    }

    private List<ProcessView> views() {
        return supervisor.processes();
    }

    private List<Integer> pids() {
        return views().stream().map(ProcessView::pid).filter(pid -> pid != 0).toList();
    }

    /// What the workers in charge run.
    private List<String> scripts() {
        return pids().stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .flatMap(process -> script(process).stream())
                .toList();
    }

    /// What runs at all, in charge or not.
    private List<String> running() {
        return ProcessHandle.current()
                .children()
                .flatMap(process -> script(process).stream())
                .sorted()
                .toList();
    }

    private Optional<String> script(ProcessHandle process) {
        return process.info()
                .arguments()
                .flatMap(arguments -> List.of(arguments).stream()
                        .filter(a -> a.startsWith(folder.toString())
                                && folder.equals(Path.of(a).getParent()))
                        .map(a -> Path.of(a).getFileName().toString())
                        .findFirst());
    }

    private AppSpec spec() {
        return supervisor.spec(APP).orElseThrow();
    }

    private static String name(AppSpec spec) {
        return Path.of(spec.program().script()).getFileName().toString();
    }

    private AppSpec app(String script, String source, int instances) throws IOException {
        return Specs.cluster("app", write(script, source), instances);
    }

    private AppSpec to(AppSpec spec, String script, String source) throws IOException {
        return Specs.withScript(spec, write(script, source))
                .draft()
                .rollout(spec.rollout())
                .spec();
    }

    private static AppSpec baking(AppSpec spec, Duration bake) {
        return spec.draft().rollout(new RolloutSpec(1, 0, Optional.of(bake))).spec();
    }

    private String write(String name, String source) throws IOException {
        return Files.writeString(folder.resolve(name), source).toString();
    }

    private static final class Heard implements Progress {
        private final List<String> errors = new CopyOnWriteArrayList<>();
        private final List<String> warnings = new CopyOnWriteArrayList<>();

        @Override
        public void info(String sentence) {}

        @Override
        public void warn(String sentence) {
            warnings.add(sentence);
        }

        @Override
        public void error(String sentence) {
            errors.add(sentence);
        }
    }
}
