package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Cron;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The attributes that say how an app is treated.
class TreatmentTest {
    @TempDir
    Path root;

    private Ground ground;

    @BeforeEach
    void enter() throws Exception {
        ground = Ground.withNode(root);
    }

    @Test
    void restartsAreAsWritten() throws Exception {
        AppSpec spec = spec("exp_backoff_restart_delay: 100, stop_exit_codes: [0, 42], max_memory_restart: '300M',"
                + " cron_restart: '0 3 * * *', watchdog: '30s'");

        assertThat(spec.restart().backoff()).isEqualTo(Duration.ofMillis(100));
        assertThat(spec.restart().finalExitCodes()).containsExactlyInAnyOrder(0, 42);
        assertThat(spec.restart().maxMemoryBytes()).hasValue(300L << 20);
        assertThat(spec.restart().cron().map(Cron::text)).contains("0 3 * * *");
        assertThat(spec.restart().watchdog()).isEqualTo(Duration.ofSeconds(30));
        assertThat(spec("stop_exit_codes: 3").restart().finalExitCodes()).containsExactly(3);
        assertThat(spec("cron_restart: 0").restart().cron()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1000, 1000", "'''500K''', 512000", "'''1G''', 1073741824", "'''20mb''', 20971520"})
    void sizesAreBytesOrHaveAUnit(String written, long bytes) throws Exception {
        assertThat(spec("max_memory_restart: " + written).restart().maxMemoryBytes())
                .hasValue(bytes);
    }

    @Test
    void stoppingIsAsWritten() throws Exception {
        AppSpec spec = spec("kill_signal: 'term', shutdown_with_message: true, treekill: false");

        assertThat(spec.stop().signal()).isEqualTo("SIGTERM");
        assertThat(spec.stop().byMessage()).isTrue();
        assertThat(spec.stop().wholeTree()).isFalse();
    }

    @Test
    void theCallersVariablesAreTheUsualValues() throws Exception {
        Caller caller = new Caller(
                ground.folder,
                Map.of(
                        "PATH", ground.programs.toString(),
                        "PM2_KILL_TIMEOUT", "700",
                        "PM2_GRACEFUL_LISTEN_TIMEOUT", "900",
                        "PM2_KILL_SIGNAL", "SIGTERM",
                        "PM2_KILL_USE_MESSAGE", "true",
                        "PM2_PROCESS_INSTANCE_VAR", "NR"),
                1,
                Optional.empty());
        AppOptions options = AppOptions.none("", "").with(Attribute.SCRIPT, Node.text("app.js"));

        AppSpec spec = AppSpecs.resolve(options, caller);
        assertThat(spec.stop().limit()).isEqualTo(Duration.ofMillis(700));
        assertThat(spec.stop().signal()).isEqualTo("SIGTERM");
        assertThat(spec.stop().byMessage()).isTrue();
        assertThat(spec.ready().limit()).isEqualTo(Duration.ofMillis(900));
        assertThat(spec.environment().instanceVariable()).isEqualTo("NR");
        AppSpec said = AppSpecs.resolve(options.with(Attribute.KILL_TIMEOUT, Node.text("5s")), caller);
        assertThat(said.stop().limit()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void watchedPathsAreMeantFromTheAppsFolder() throws Exception {
        assertThat(spec("watch: true").watch().paths()).containsExactly(ground.folder);
        assertThat(spec("watch: false").watch().wanted()).isFalse();
        AppSpec spec = spec("watch: ['src', '/etc/x'], ignore_watch: ['tmp', '*.md'], watch_delay: 200");
        assertThat(spec.watch().paths()).containsExactly(ground.folder.resolve("src"), Path.of("/etc/x"));
        assertThat(spec.watch().ignored()).containsExactly("tmp", "*.md");
        assertThat(spec.watch().delay()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void logsAreAsWritten() throws Exception {
        LogSpec logs = spec("log_file: 'all.log', log_type: 'json', time: true, disable_logs: true")
                .logs();

        assertThat(logs.combined()).contains(ground.folder.resolve("all.log"));
        assertThat(logs.json()).isTrue();
        assertThat(logs.disabled()).isTrue();
        assertThat(logs.dateFormat()).contains("YYYY-MM-DDTHH:mm:ss");
        assertThat(spec("log_file: true").logs().combined()).contains(Path.of("app.log"));
        assertThat(spec("time: true, log_date_format: 'HH:mm'").logs().dateFormat())
                .contains("HH:mm");
    }

    @Test
    void rotationIsOnUnlessSaidOtherwise() throws Exception {
        assertThat(spec("namespace: 'x'").logs().rotation()).isEqualTo(LogRotation.DEFAULT);
        assertThat(spec("log_rotate: false").logs().rotation()).isEqualTo(LogRotation.NEVER);
        assertThat(spec("log_rotate: {max_size: '1M', keep: 3, daily: false, compress: false, total_size: 0}")
                        .logs()
                        .rotation())
                .isEqualTo(new LogRotation(1 << 20, false, 3, false, 0));
    }

    @Test
    void theProcessIsAsWritten() throws Exception {
        AppSpec spec = spec("uid: 1000, gid: 'www-data', umask: '027', open_files: 4096, pid_file: 'run/app.pid'");

        assertThat(spec.process().user()).contains("1000");
        assertThat(spec.process().group()).contains("www-data");
        assertThat(spec.process().umask()).hasValue(23);
        assertThat(spec.process().openFiles()).hasValue(4096);
        assertThat(spec.pidFile()).contains(ground.folder.resolve("run/app.pid"));
        assertThat(spec("autostart: false").autostart()).isFalse();
    }

    @Test
    void sourceMapsAreOnWhenWantedOrWhenOneLiesThere() throws Exception {
        assertThat(spec("source_map_support: true").program().interpreterArgs())
                .containsExactly("--enable-source-maps");
        assertThat(spec("namespace: 'x'").program().interpreterArgs()).isEmpty();
        ground.file("app.js.map", "{}");
        assertThat(spec("node_args: '--trace-gc'").program().interpreterArgs())
                .containsExactly("--enable-source-maps", "--trace-gc");
        assertThat(spec("disable_source_map_support: true").program().interpreterArgs())
                .isEmpty();
    }

    @Test
    void callersVariablesAreDroppedByFilterEnv() throws Exception {
        assertThat(spec("filter_env: ['HO']").environment().merged()).containsOnlyKeys("PATH");
        assertThat(spec("filter_env: true, env: {A: 1}").environment().merged()).containsOnlyKeys("A");
        assertThat(spec("filter_env: false").environment().merged()).containsOnlyKeys("PATH", "HOME");
    }

    @Test
    void variablesComeFromFilesToo() throws Exception {
        ground.file(".env", """
                # a comment
                PLAIN=one two # and why
                export QUOTED="a\\tb \\"c\\" # d"
                RAW='$HOME # \\n'
                EMPTY=
                OVER=file
                """);
        assertThat(spec("env_file: '.env', env: {OVER: 'env'}").environment().own())
                .containsEntry("PLAIN", "one two")
                .containsEntry("QUOTED", "a\tb \"c\" # d")
                .containsEntry("RAW", "$HOME # \\n")
                .containsEntry("EMPTY", "")
                .containsEntry("OVER", "env");
        assertThat(spec("instance_var: 'N', increment_var: 'PORT'")
                        .environment()
                        .instanceVariable())
                .isEqualTo("N");
    }

    @Test
    void aBadVariableFileIsNamedWithItsLine() throws Exception {
        ground.file("bad.env", "A=1\nnot a line\n");
        assertThat(problems("env_file: 'bad.env'"))
                .containsExactly(ground.folder + "/bad.env:2: not a variable (expected: NAME=value)");
        assertThat(problems("env_file: 'none.env'"))
                .containsExactly("cannot read " + ground.folder + "/none.env (expected: lines NAME=value)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "max_memory_restart: 'much' | 'much' (expected: bytes, or a size such as 300M or 1G)",
                "exclusive: true, surge: 1 | 1 with exclusive (expected: 0, no two workers at a time)",
                "warmup: 'health' | 'health' (expected: a path such as /health)",
                "surge: 0 | 0 with max_unavailable 0 (expected: one of them at least 1)",
                "kill_signal: 'SIGFOO' | 'SIGFOO' (expected: a signal such as SIGTERM)",
                "stop_exit_codes: [1, 256] | '256' (expected: exit codes from 0 to 255)",
                "umask: 'rwx' | 'rwx' (expected: three octal digits, such as '027')",
                "log_type: 'xml' | 'xml' (expected: json)",
                "log_rotate: {keep: 'all'} | keep: 'all' (expected: a number, or 10M)",
                "log_rotate: {kept: 3} | unknown 'kept' (expected: max_size, daily, keep, compress, total_size)",
                "log_rotate: 7 | 7 (expected: true, false, or an object of max_size, daily, keep, compress, total_size)"
            })
    void refusesWhatMeansNothing(String written, String sentence) throws Exception {
        assertThat(problems(written)).containsExactly(sentence);
    }

    @Test
    void anExclusiveAppIsReplacedOneWorkerAfterTheOther() throws Exception {
        assertThat(spec("exclusive: true").rollout().surge()).isZero();
        assertThat(spec("exclusive: true").rollout().maxUnavailable()).isEqualTo(1);
        assertThat(spec("surge: 0, max_unavailable: 1").rollout())
                .isEqualTo(spec("exclusive: true").rollout());
    }

    @Test
    void aBadScheduleIsOneSentence() throws Exception {
        assertThat(problems("cron_restart: 'now and then'"))
                .singleElement()
                .asString()
                .contains("now and then");
    }

    @Test
    void theNameMayEndWithTheEnvironmentsName() throws Exception {
        Caller production = new Caller(ground.caller().cwd(), ground.caller().env(), 4, Optional.of("production"));
        AppOptions options = AppOptions.none("command line", "")
                .with(Attribute.SCRIPT, Node.text("app.js"))
                .with(Attribute.APPEND_ENV_TO_NAME, Node.bool(true));

        assertThat(AppSpecs.resolve(options, production).name()).hasToString("app-production");
    }

    private AppSpec spec(String attributes) throws Exception {
        return ground.spec("{script: 'app.js', " + attributes + "}");
    }

    private List<String> problems(String attributes) throws Exception {
        return ground.problems("{script: 'app.js', " + attributes + "}");
    }
}
