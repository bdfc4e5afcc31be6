package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.Program;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.config.spec.StopSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What options mean: defaults, tables of values, and what is said about wrong ones.
class AppSpecsTest {
    @TempDir
    Path root;

    private Ground ground;

    @BeforeEach
    void enter() throws Exception {
        ground = Ground.withNode(root);
    }

    @Test
    void defaultsAreThoseOfPm2() throws Exception {
        AppOptions options = AppOptions.none("command line", "").with(Attribute.SCRIPT, Node.text("app.js"));

        AppSpec spec = AppSpecs.resolve(options, ground.caller());

        assertThat(spec)
                .isEqualTo(AppSpec.draft(
                                new AppName("app"),
                                new Program(ground.folder.resolve("app.js").toString(), List.of(), "node", List.of()),
                                ground.folder)
                        .environment(Environment.of(Map.of())
                                .withCaller(Map.of("PATH", ground.programs.toString(), "HOME", "/home/me")))
                        .spec());
        assertThat(spec.instances()).isEmpty();
        assertThat(spec.execMode()).isEqualTo(ExecMode.FORK);
        assertThat(spec.ready()).isEqualTo(new ReadySpec(false, Duration.ofMillis(3_000)));
        assertThat(spec.stop()).isEqualTo(new StopSpec("SIGINT", false, Duration.ofMillis(1_600), true));
        assertThat(spec.restart())
                .isEqualTo(new RestartSpec(
                        true,
                        Duration.ofMillis(1_000),
                        16,
                        Duration.ZERO,
                        Duration.ZERO,
                        Set.of(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        Duration.ZERO));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 3", "'3', 3", "'''3''', 3", "'''max''', 4", "0, 4", "-1, 3", "-3, 1", "-4, 1", "-9, 1"})
    void instancesCountFromProcessors(String written, int instances) throws Exception {
        AppSpec spec = ground.spec("{script: 'app.js', instances: " + written + "}");

        assertThat(spec.instances()).hasValue(instances);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'many'", "1.5", "true", "[2]", "{}", "''", "99999999"})
    void instancesAreNothingElse(String written) throws Exception {
        assertThat(ground.problems("{script: 'app.js', instances: " + written + "}"))
                .singleElement()
                .asString()
                .endsWith("(expected: a number, 'max', 0, or a negative number)");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1500, 1500",
        "'''1500''', 1500",
        "'''500ms''', 500",
        "'''5s''', 5000",
        "'''2m''', 120000",
        "'''1h''', 3600000"
    })
    void durationsAreMillisecondsOrHaveAUnit(String written, long millis) throws Exception {
        AppSpec spec = ground.spec(
                "{script: 'app.js', min_uptime: %1$s, kill_timeout: %1$s, listen_timeout: %1$s, restart_delay: %1$s}"
                        .formatted(written));

        assertThat(List.of(
                        spec.restart().minUptime(),
                        spec.stop().limit(),
                        spec.ready().limit(),
                        spec.restart().delay()))
                .containsOnly(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "'5 weeks'", "'5d'", "1.5", "true", "[]", "''", "9999999999999"})
    void durationsAreNothingElse(String written) throws Exception {
        assertThat(ground.problems("{script: 'app.js', kill_timeout: " + written + "}"))
                .singleElement()
                .asString()
                .endsWith("(expected: milliseconds, or a duration such as 500ms, 5s, 2m or 1h)");
    }

    @ParameterizedTest
    @CsvSource({
        // script, instances, port, exec_mode -> mode
        "app.js, , , , FORK",
        "app.js, , 3000, , FORK",
        "app.js, 1, , , CLUSTER",
        "app.js, 2, , , CLUSTER",
        "app.js, 2, , fork, FORK",
        "app.js, 2, , fork_mode, FORK",
        "app.js, , , cluster, CLUSTER",
        "app.js, , , cluster_mode, CLUSTER",
        "app.py, , , , FORK",
        "app.py, 2, , , FORK",
        "app.py, , 8000, , FORK",
        "app.py, 2, 8000, , CLUSTER",
        "app.py, 2, 8000, fork, FORK",
        "app.py, , 8000, cluster, CLUSTER"
    })
    void theModeFollowsFromRuntimeInstancesAndPort(
            String script, Integer instances, Integer port, String mode, ExecMode expected) throws Exception {
        ground.program("python3");
        ground.file("app.py", "");

        AppSpec spec = ground.spec("{script: '%s', instances: %s, port: %s, exec_mode: %s}"
                .formatted(script, instances, port, mode == null ? "null" : "'" + mode + "'"));

        assertThat(spec.execMode()).isEqualTo(expected);
        assertThat(spec.instances().isPresent()).isEqualTo(instances != null);
    }

    @Test
    void nodeByAnyNameIsNode() throws Exception {
        ground.program("nodejs");

        assertThat(ground.spec("{script: 'app.js', interpreter: 'nodejs', instances: 2}")
                        .execMode())
                .isEqualTo(ExecMode.CLUSTER);
    }

    @Test
    void clusterNeedsNodeOrAPort() throws Exception {
        ground.program("python3");
        ground.file("app.py", "");

        assertThat(ground.problems("{script: 'app.py', exec_mode: 'cluster'}"))
                .containsExactly(
                        "cluster needs Node, or a port that the edge opens for the instances (expected: port)");
        assertThat(ground.problems("{script: 'app.py', exec_mode: 'clustered'}"))
                .containsExactly("'clustered' (expected: fork or cluster)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "-1", "'http'", "80.5", "true", "{}"})
    void aPortIsAPort(String written) throws Exception {
        assertThat(ground.problems("{script: 'app.js', port: " + written + "}"))
                .singleElement()
                .asString()
                .endsWith("(expected: a whole number from 1 to 65535)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"true | true", "false | false", "'true' | true", "'false' | false"})
    void flagsAreTrueOrFalse(String written, boolean value) throws Exception {
        AppSpec spec = ground.spec(
                "{script: 'app.js', wait_ready: %1$s, autorestart: %1$s, merge_logs: %1$s}".formatted(written));

        assertThat(List.of(
                        spec.ready().waitForMessage(),
                        spec.restart().automatic(),
                        spec.logs().merged().orElseThrow()))
                .containsOnly(value);
        assertThat(ground.problems("{script: 'app.js', wait_ready: 'yes'}"))
                .containsExactly("'yes' (expected: true or false)");
    }

    @Test
    void argumentsAreATextOrAnArray() throws Exception {
        assertThat(ground.spec("{script: 'app.js', args: \"--port 80 --title 'a b'\"}")
                        .program()
                        .args())
                .containsExactly("--port", "80", "--title", "a b");
        assertThat(ground.spec("{script: 'app.js', args: ['a b', 1.50, true, '']}")
                        .program()
                        .args())
                .containsExactly("a b", "1.50", "true", "");
        assertThat(ground.spec("{script: 'app.js', args: 8080}").program().args())
                .containsExactly("8080");
        assertThat(ground.problems("{script: 'app.js', args: {a: 1}}"))
                .containsExactly("an object (expected: a text or an array)");
        assertThat(ground.problems("{script: 'app.js', args: ['a', ['b']]}"))
                .containsExactly("an array (expected: a text or a number)");
    }

    @Test
    void logFilesAreMeantFromTheAppsFolder() throws Exception {
        ground.file("sub/app.js", "");
        AppSpec spec =
                ground.spec("{script: 'app.js', cwd: 'sub', out_file: 'logs/out.log', error_file: '/var/e.log'}");

        assertThat(spec.cwd()).isEqualTo(ground.folder.resolve("sub"));
        assertThat(spec.logs().out()).contains(ground.folder.resolve("sub/logs/out.log"));
        assertThat(spec.logs().error()).contains(Path.of("/var/e.log"));
    }

    /// PM2: `NULL` and `/dev/null` disable.
    @Test
    void logsCanBeThrownAway() throws Exception {
        AppSpec spec = ground.spec("{script: 'app.js', out_file: 'NULL', error_file: '/dev/null'}");

        assertThat(spec.logs().out()).contains(Path.of("/dev/null"));
        assertThat(spec.logs().error()).contains(Path.of("/dev/null"));
    }

    @Test
    void theEnvironmentIsTheCallersAndThenTheApps() throws Exception {
        AppSpec spec = ground.spec("{script: 'app.js', env: {HOME: '/srv', A: 1, B: true, C: {d: [1, 'x']}, D: null}}");

        assertThat(spec.environment().merged())
                .containsEntry("PATH", ground.programs.toString())
                .containsEntry("HOME", "/srv")
                .containsEntry("A", "1")
                .containsEntry("B", "true")
                .containsEntry("C", "{\"d\":[1,\"x\"]}")
                .doesNotContainKey("D");
    }

    @Test
    void variablesHaveNames() throws Exception {
        assertThat(ground.problems("{script: 'app.js', env: {'a=b': 1, '': 2, ok: 'x\\u0000'}}"))
                .containsExactly(
                        "'a=b' (expected: a variable name without '=')",
                        "'' (expected: a variable name without '=')",
                        "has a NUL character (expected: none)");
        assertThat(ground.problems("{script: 'app.js', env: 'a=b'}"))
                .containsExactly("'a=b' (expected: an object of names and values)");
    }

    @Test
    void aMissingFolderIsNamed() throws Exception {
        assertThat(ground.problems("{script: '" + ground.folder + "/app.js', cwd: 'gone'}"))
                .containsExactly(ground.folder.resolve("gone") + " is not a directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'a/b'", "'   '", "{}", "'a\\nb'"})
    void aNameIsVisibleAndFitsIntoAFileName(String written) throws Exception {
        assertThat(ground.problems("{script: 'app.js', name: " + written + "}")).hasSize(1);
    }

    @Test
    void aNameMayBeANumber() throws Exception {
        assertThat(ground.spec("{script: 'app.js', name: 3000}").name().text()).isEqualTo("3000");
    }

    @Test
    void nullMeansNotSaid() throws Exception {
        assertThat(ground.spec("{script: 'app.js', name: null, instances: null, port: null, env: null}"))
                .isEqualTo(ground.spec("{script: 'app.js'}"));
    }

    @Test
    void everyProblemIsSaidAtOnce() {
        AppOptions options = AppOptions.none("command line", "")
                .with(Attribute.SCRIPT, Node.text("gone.js"))
                .with(Attribute.INSTANCES, Node.text("many"))
                .with(Attribute.PORT, Node.text("http"))
                .with(Attribute.MAX_RESTARTS, Node.text("-1"));

        InvalidConfig invalid =
                catchThrowableOfType(InvalidConfig.class, () -> AppSpecs.resolve(options, ground.caller()));

        assertThat(invalid.problems())
                .extracting("path")
                .containsExactlyInAnyOrder("script", "instances", "port", "max_restarts");
    }

    @Test
    void onTopOfAFileComesTheCommandLine() throws Exception {
        AppOptions file = AppOptions.none("f", "apps[0]")
                .with(Attribute.SCRIPT, Node.text("app.js"))
                .with(Attribute.INSTANCES, Node.text("2"));
        AppOptions typed = AppOptions.none("command line", "").with(Attribute.INSTANCES, Node.text("max"));

        assertThat(AppSpecs.resolve(file.overlaidBy(typed), ground.caller()).instances())
                .hasValue(4);
    }
}
