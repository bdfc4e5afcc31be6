package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.EcosystemReader.ReadApps;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.DrainSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.config.spec.Program;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.config.spec.StopSpec;
import io.pm2j.config.spec.WarmUpSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole files: where apps stand, what each attribute becomes, and what is said of a file that is wrong.
class EcosystemReaderTest {
    @Test
    void namesTheFilesThatCountEvenWhenTheyAreWrong(@TempDir Path root) throws Exception {
        Ground ground = Ground.withNode(root);
        ground.file("vars", "not a variable");
        Path file = ground.file(
                "watched.json",
                "{\"config_watch\": true, \"apps\": [{\"script\": \"app.js\", \"env_file\": \"vars\"}]}");
        ConfigSource source = new ConfigSource(file, ground.caller(), List.of());
        List<Path> named = new ArrayList<>();
        assertThatThrownBy(() -> source.read(named::add)).isInstanceOf(InvalidConfig.class);
        assertThat(named).containsExactly(ground.folder.resolve("vars"));
        ground.file("vars", "A=1");
        assertThat(source.read(_ -> {}).watch()).contains(true);
    }

    /// Every attribute there is, none with its default.
    static final String FULL_JSON = """
            {
              "apps": [{
                "name": "api",
                "namespace": "shop",
                "script": "app.js",
                "args": ["--level", "5", "two words"],
                "cwd": ".",
                "interpreter": "node",
                "interpreter_args": "--max-old-space-size=64 --title='a b'",
                "instances": "max",
                "exec_mode": "cluster",
                "env": { "GREETING": "hi", "LEVEL": 5 },
                "env_production": { "GREETING": "good day" },
                "port": 3000,
                "wait_ready": true,
                "listen_timeout": "4s",
                "surge": 2,
                "max_unavailable": 1,
                "bake": "30s",
                "exclusive": false,
                "drain_timeout": "40s",
                "stream_drain": "10m",
                "warmup": "/health?deep=1",
                "warmup_count": 3,
                "kill_timeout": 2500,
                "autorestart": false,
                "min_uptime": "2m",
                "max_restarts": 7,
                "restart_delay": 300,
                "out_file": "logs/out.log",
                "error_file": "/var/log/error.log",
                "merge_logs": false
              }]
            }
            """;

    private static final String FULL_YAML = """
            apps:
              - name: api
                namespace: shop
                exec: app.js
                args: --level 5 'two words'
                cwd: .
                execInterpreter: node
                node_args: [--max-old-space-size=64, "--title=a b"]
                instances: 0
                execMode: cluster_mode
                env:
                  GREETING: hi
                  LEVEL: 5
                env_production:
                  GREETING: good day
                port: "3000"
                waitReady: true
                listenTimeout: 4000
                surge: 2
                maxUnavailable: 1
                min_healthy: 30s
                exclusive: false
                drainTimeout: 40s
                stream_drain: 600000
                warmup: /health?deep=1
                warmupCount: 3
                killTimeout: 2500
                autorestart: false
                minUptime: 2m
                maxRestarts: 7
                restartDelay: 300ms
                output: logs/out.log
                errFile: /var/log/error.log
                combineLogs: false
            """;

    /// The attributes that the full document leaves at their defaults.
    private static final String TREATED_JSON = """
            {apps: [{
              script: 'app.js', source_map_support: true, disable_source_map_support: false, env_file: [],
              filter_env: ['SECRET'], append_env_to_name: true, instance_var: 'N', increment_var: 'PORT',
              uid: 0, gid: 0, umask: '022', open_files: 1024, pid_file: 'app.pid', autostart: false,
              kill_signal: 'SIGTERM', shutdown_with_message: true, treekill: false, exp_backoff_restart_delay: 100,
              stop_exit_codes: [0], max_memory_restart: '1G', cron_restart: '0 3 * * *', watchdog: '10s', watch: true,
              ignore_watch: ['tmp'], watch_delay: 500, log_file: true, disable_logs: true, log_type: 'json',
              log_date_format: 'HH:mm', time: true, log_rotate: false, edge: false, depends_on: [],
              hold_timeout: '1m'
            }]}
            """;

    @TempDir
    Path root;

    private Ground ground;

    @BeforeEach
    void enter() throws Exception {
        ground = Ground.withNode(root);
    }

    static AppSpec full(Ground ground) {
        return AppSpec.draft(
                        new AppName("api"),
                        new Program(
                                ground.folder.resolve("app.js").toString(),
                                List.of("--level", "5", "two words"),
                                "node",
                                List.of("--max-old-space-size=64", "--title=a b")),
                        ground.folder)
                .namespace("shop")
                .cluster(4)
                .environment(Environment.of(Map.of("GREETING", "good day", "LEVEL", "5"))
                        .withCaller(Map.of("PATH", ground.caller().path(), "HOME", "/home/me")))
                .port(OptionalInt.of(3000))
                .ready(new ReadySpec(true, Duration.ofSeconds(4)))
                .rollout(new RolloutSpec(
                        2,
                        1,
                        Optional.of(Duration.ofSeconds(30)),
                        new DrainSpec(Duration.ofSeconds(40), Duration.ofMinutes(10)),
                        Optional.of(new WarmUpSpec("/health?deep=1", 3))))
                .stop(new StopSpec("SIGINT", false, Duration.ofMillis(2_500), true))
                .restart(new RestartSpec(
                        false,
                        Duration.ofMinutes(2),
                        7,
                        Duration.ofMillis(300),
                        Duration.ZERO,
                        Set.of(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        Duration.ZERO))
                .logs(new LogSpec(
                        Optional.of(ground.folder.resolve("logs/out.log")),
                        Optional.of(Path.of("/var/log/error.log")),
                        Optional.empty(),
                        Optional.of(false),
                        Optional.empty(),
                        false,
                        false,
                        LogRotation.DEFAULT))
                .spec();
    }

    @Test
    void everyAttributeOfAJsonFileIsMapped() throws Exception {
        ground.file("apps.json", FULL_JSON);

        assertThat(inProduction("apps.json").apps()).containsExactly(full(ground));
    }

    @Test
    void everyAttributeOfAYamlFileIsMapped() throws Exception {
        ground.file("apps.yaml", FULL_YAML);

        assertThat(inProduction("apps.yaml").apps()).containsExactly(full(ground));
    }

    /// So that an attribute added later is added to the full documents too.
    @Test
    void theFullDocumentUsesEveryAttribute() throws Exception {
        Set<Attribute> used = new HashSet<>(used(NodeReader.json(FULL_JSON, "f")));
        used.addAll(used(NodeReader.json(TREATED_JSON, "f")));

        assertThat(used).containsExactlyInAnyOrder(Attribute.values());
        assertThat(ground.read("apps.json", TREATED_JSON).warnings()).isEmpty();
    }

    private static Set<Attribute> used(Node document) {
        return AppList.of(document, new Problems("f"), new Problems("f"))
                .getFirst()
                .options()
                .values()
                .keySet();
    }

    private ReadApps inProduction(String file) throws InvalidConfig {
        return EcosystemReader.read(
                Path.of(file),
                ground.caller(Optional.of("production")),
                _ -> true,
                AppOptions.none("command line", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{apps: [{script: 'app.js'}]}",
                "{apps: {script: 'app.js'}}",
                "{pm2: [{script: 'app.js'}]}",
                "{name: 'package', version: '1', pm2: [{script: 'app.js'}]}",
                "{apps: [{script: 'app.js'}], deploy: {production: {}}}",
                "[{script: 'app.js'}]",
                "{script: 'app.js'}",
                "{cmd: 'app.js'}"
            })
    void appsStandWherePm2LooksForThem(String text) throws Exception {
        ReadApps read = ground.read("apps.json", text);

        assertThat(read.apps()).extracting(spec -> spec.name().text()).containsExactly("app");
        assertThat(read.warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                     | there are no apps in it (expected: 'apps', an array of apps)",
                "[]                     | there are no apps in it (expected: 'apps', an array of apps)",
                "null                   | there are no apps in it (expected: 'apps', an array of apps)",
                "{apps: []}             | there are no apps in it (expected: 'apps', an array of apps)",
                "{name: 1, version: 2}  | there are no apps in it (expected: 'apps', an array of apps)",
                "{app: []}              | there are no apps in it (expected: 'apps', an array of apps) (there is 'app': did you mean 'apps'?)",
                "{name: 1, scirpt: 'a'} | there are no apps in it (expected: 'apps', an array of apps) (there is 'scirpt': did you mean 'script'?)",
                "{apps: 3}              | 3 (expected: an array of apps)",
                "5                      | 5 (expected: an object with 'apps')",
                "[5]                    | 5 (expected: an app, that is an object)",
                "[{name: 'a'}]          | missing (expected: what to run)"
            })
    void aFileWithoutAppsIsSaidToHaveNone(String text, String sentence) throws Exception {
        assertThat(ground.problemsIn("apps.json", text))
                .anySatisfy(problem -> assertThat(problem.sentence()).isEqualTo(sentence));
    }

    @Test
    void aMissingFileIsNamed() {
        assertThat(ground.problemsIn("gone.json")).singleElement().hasToString("gone.json: File gone.json not found");
    }

    @Test
    void aFolderIsNoFile() throws Exception {
        Files.createDirectory(ground.folder.resolve("apps.json"));

        assertThat(ground.problemsIn("apps.json"))
                .singleElement()
                .hasToString("apps.json: is a directory (expected: an ecosystem file)");
    }

    @Test
    void anEmptyFileIsNamedSo() throws Exception {
        assertThat(ground.problemsIn("apps.yml", "# nothing yet\n"))
                .singleElement()
                .hasToString("apps.yml: the file is empty (expected: apps)");
    }

    @Test
    void bytesThatAreNoTextAreNamedSo() throws Exception {
        Files.write(ground.folder.resolve("apps.json"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

        assertThat(ground.problemsIn("apps.json").getFirst().sentence()).startsWith("cannot be read as UTF-8 text");
    }

    @Test
    void everyProblemIsSaidAtOnceWithItsPlace() throws Exception {
        var problems = ground.problemsIn("apps.json", """
                { "apps": [
                  { "name": "a", "script": "app.js", "instances": "many" },
                  { "name": "b", "script": "gone.js",
                    "instnaces": 2,
                    "env": { "X=": 1 },
                    "kill_timeout": -5 },
                  { "name": "c" }
                ] }
                """);

        assertThat(problems.stream().map(Object::toString).collect(Collectors.joining("\n")))
                .isEqualTo("""
                        apps.json:4:5: apps[1]: unknown attribute 'instnaces' (did you mean 'instances'?)
                        apps.json:2:51: apps[0].instances: 'many' (expected: a number, 'max', 0, or a negative number)
                        apps.json:3:28: apps[1].script: Script not found: %s
                        apps.json:5:20: apps[1].env: 'X=' (expected: a variable name without '=')
                        apps.json:6:21: apps[1].kill_timeout: -5 (expected: milliseconds, or a duration such as 500ms, 5s, 2m or 1h)
                        apps.json:7:3: apps[2].script: missing (expected: what to run)""".formatted(ground.folder.resolve("gone.js")));
    }

    @Test
    void placesInYamlAreThoseOfTheNames() throws Exception {
        assertThat(ground.problemsIn("apps.yml", "apps:\n  - script: app.js\n    envs:\n      A: 1\n"))
                .singleElement()
                .hasToString("apps.yml:3:5: apps[0]: unknown attribute 'envs' (did you mean 'env'?)");
    }

    @Test
    void whatPm2KnowsAndWeDoNotYetIsAWarning() throws Exception {
        ReadApps read = ground.read("apps.json", """
                [{ "script": "app.js",
                   "vizion": true,
                   "postUpdate": ["npm i"] }]
                """);

        assertThat(read.apps()).hasSize(1);
        assertThat(read.warnings())
                .extracting(Object::toString)
                .containsExactly(
                        "apps.json:2:4: [0]: vizion is PM2's and means nothing to pm2j: it was left out",
                        "apps.json:3:4: [0]: postUpdate is PM2's and means nothing to pm2j: it was left out");
    }

    @Test
    void whatAsksForNothingIsNoWarning() throws Exception {
        ReadApps read = ground.read("apps.json", "[{script: 'app.js', vizion: false, windowsHide: true, force: null}]");

        assertThat(read.warnings()).isEmpty();
        assertThat(ground.read("apps.json", "[{script: 'app.js', windowsHide: false}]")
                        .warnings())
                .hasSize(1);
    }

    @Test
    void staticServersInAFileAreNamedAsLeftOut() throws Exception {
        ReadApps read = ground.read("apps.json", "{apps: [{script: 'app.js'}],\n static: []}");

        assertThat(read.warnings())
                .singleElement()
                .hasToString(
                        "apps.json:2:2: static is not read and was left out (expected: pm2j serve, or an edge route with static)");
    }

    @Test
    void oneAttributeUnderTwoNamesIsRefused() throws Exception {
        assertThat(ground.problemsIn("apps.json", "[{script: 'app.js',\n exec: 'b.js'}]"))
                .singleElement()
                .hasToString("apps.json:2:2: [0]: 'exec' means the same as another attribute here (expected: one)");
    }

    @Test
    void twoAppsOfOneNameAreRefusedWithBothLines() throws Exception {
        assertThat(ground.problemsIn("apps.json", """
                [
                  {"name": "web", "script": "app.js"},
                  {"name": "web", "script": "app.js"}
                ]
                """))
                .singleElement()
                .hasToString(
                        "apps.json:3:12: [1]: the name 'web' is already used by [0] in line 2 (expected: one app of a name)");
    }

    @Test
    void oneAppIsPickedFromManyAndTheOthersMayBeBroken() throws Exception {
        ground.file("apps.json", "[{name: 'a', script: 'app.js'}, {name: 'b', script: 'gone.js'}, {script: 'app.js'}]");

        ReadApps read = EcosystemReader.read(
                Path.of("apps.json"), ground.caller(), "a"::equals, AppOptions.none("command line", ""));

        assertThat(read.apps()).extracting(spec -> spec.name().text()).containsExactly("a");
        assertThatThrownBy(() -> EcosystemReader.read(
                        Path.of("apps.json"), ground.caller(), "z"::equals, AppOptions.none("command line", "")))
                .hasMessage("apps.json: no app of that name is in the file");
    }

    @Test
    void theCommandLineLiesOnTop() throws Exception {
        ground.file("apps.json", "[{script: 'app.js', instances: 2}]");

        ReadApps read = EcosystemReader.read(
                Path.of("apps.json"),
                ground.caller(),
                _ -> true,
                AppOptions.none("command line", "").with(Attribute.INSTANCES, Node.text("3")));

        assertThat(read.apps().getFirst().instances()).hasValue(3);
    }

    /// PM2: a warning, since apps of one file seldom all have every block.
    @Test
    void anAppWithoutTheChosenEnvIsWarnedOf() throws Exception {
        ground.file("apps.json", """
                [ {name: 'a', script: 'app.js', env_production: {A: 2}},
                  {name: 'b', script: 'app.js', env: {A: 1}} ]
                """);

        ReadApps read = inProduction("apps.json");

        assertThat(read.apps())
                .extracting(spec -> spec.environment().merged().get("A"))
                .containsExactly("2", "1");
        assertThat(read.warnings()).singleElement().hasToString("apps.json:2:3: [1]: there is no env_production in it");
    }

    @Test
    void aFileWithoutTheChosenEnvIsReadWithAWarning() throws Exception {
        ground.file("apps.json", "[{script: 'app.js', env_prod: {A: 1}}]");

        assertThat(inProduction("apps.json").warnings())
                .singleElement()
                .hasToString("apps.json:1:2: [0]: there is no env_production in it");
    }

    @Test
    void aBrokenEnvBlockIsAProblemChosenOrNot() throws Exception {
        assertThat(ground.problemsIn("apps.json", "[{script: 'app.js', env_test: 5}]"))
                .singleElement()
                .hasToString("apps.json:1:31: [0].env_test: 5 (expected: an object of names and values)");
    }

    /// PM2: relative paths are meant from the caller's folder, wherever the file is.
    @Test
    void pathsAreMeantFromTheCallersFolder() throws Exception {
        ground.file("deploy/app.js", "");

        AppSpec spec =
                ground.read("deploy/apps.json", "[{script: 'app.js'}]").apps().getFirst();

        assertThat(spec.cwd()).isEqualTo(ground.folder);
        assertThat(spec.program().script())
                .isEqualTo(ground.folder.resolve("app.js").toString());
    }

    @Test
    void whatStandsOnlyBesideTheFileIsMeantFromThere() throws Exception {
        ground.file("shop/api.js", "");
        ground.file("shop/web/app.js", "");

        ReadApps read = ground.read("shop/apps.json", "[{script: 'api.js'}, {script: 'app.js', cwd: 'web'}]");

        assertThat(read.apps())
                .extracting(AppSpec::cwd)
                .containsExactly(ground.folder.resolve("shop"), ground.folder.resolve("shop/web"));
    }
}
