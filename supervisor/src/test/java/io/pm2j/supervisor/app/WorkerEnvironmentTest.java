package io.pm2j.supervisor.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.supervisor.Specs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class WorkerEnvironmentTest {
    private static final Path HOME = Path.of("/h");

    @Test
    void addsWhatProgramsExpectUnderPm2() {
        Map<String, String> env = of(Specs.cluster("api", "/srv/app.js", 4), OptionalInt.empty(), true);

        assertThat(env)
                .containsEntry("name", "api")
                .containsEntry("pm_id", "5")
                .containsEntry("NODE_APP_INSTANCE", "2")
                .containsEntry("instances", "4")
                .containsEntry("exec_mode", "cluster_mode")
                .containsEntry("pm_exec_path", "/srv/app.js")
                .containsEntry("PM2_HOME", "/h")
                .containsEntry("NODE_CHANNEL_FD", "3")
                .containsEntry("NODE_UNIQUE_ID", "9");
    }

    @Test
    void givesAPrivatePortPrecedenceOverThePublicOne() {
        AppSpec spec = Specs.withPort(Specs.fork("web", "/srv/app.py"), 8000);

        assertThat(of(spec, OptionalInt.empty(), false)).containsEntry("PORT", "8000");
        assertThat(of(spec, OptionalInt.of(41_000), false)).containsEntry("PORT", "41000");
    }

    @Test
    void passesOnNoChannelThatIsNotOurs() {
        AppSpec spec = Specs.withEnv(
                Specs.fork("sh", "/srv/run.sh"), Map.of("NODE_CHANNEL_FD", "17", "WATCHDOG_USEC", "1", "KEPT", "yes"));

        assertThat(of(spec, OptionalInt.empty(), false))
                .doesNotContainKeys("NODE_CHANNEL_FD", "WATCHDOG_USEC")
                .containsEntry("KEPT", "yes");
    }

    @Test
    void countsUpTheVariableThatIsToBeCounted() {
        Environment environment = new Environment(
                Map.of("BASE", "1", "SECRET_KEY", "x"),
                Map.of("PORT", "3000"),
                List.of("SECRET"),
                "INSTANCE",
                Optional.of("PORT"));
        AppSpec spec = Specs.fork("web", "/srv/app.js")
                .draft()
                .environment(environment)
                .spec();

        assertThat(of(spec, OptionalInt.empty(), false))
                .containsEntry("PORT", "3002")
                .containsEntry("INSTANCE", "2")
                .containsEntry("BASE", "1")
                .doesNotContainKeys("SECRET_KEY", "NODE_APP_INSTANCE");
    }

    @Test
    void leavesOutWhatTheCallersServiceManagerToldTheCaller() {
        AppSpec spec = Specs.fork("web", "/srv/app.py")
                .draft()
                .environment(Environment.of(Map.of(
                        "LISTEN_PID",
                        "1",
                        "LISTEN_FDS",
                        "2",
                        "LISTEN_FDNAMES",
                        "a:b",
                        "NOTIFY_SOCKET",
                        "/run/n",
                        "A",
                        "b")))
                .spec();

        assertThat(of(spec, OptionalInt.empty(), false))
                .containsEntry("A", "b")
                .containsEntry("NOTIFY_SOCKET", "/h/n")
                .doesNotContainKeys("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES");
    }

    @Test
    void saysWhereAndHowOftenToNotify() {
        AppSpec spec = Specs.fork("web", "/srv/app.py");

        assertThat(of(spec, OptionalInt.empty(), false))
                .containsEntry("NOTIFY_SOCKET", "/h/n")
                .containsEntry("PM2J_WORKER", "token")
                .doesNotContainKey("WATCHDOG_USEC");
    }

    private static Map<String, String> of(AppSpec spec, OptionalInt privatePort, boolean channel) {
        return WorkerEnvironment.of(
                spec,
                new WorkerEnvironment.Given(
                        HOME, 5, 2, privatePort, Optional.of(9L), channel, "token", Optional.of("/h/n")));
    }
}
