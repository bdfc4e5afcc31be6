package io.pm2j.supervisor.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.Specs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SupervisorHomeTest {
    private final SupervisorHome home = new SupervisorHome(Path.of("/h"));

    @Test
    void namesLogsAsPm2Does() {
        assertThat(home.outFile(Specs.fork("api", "/a.js"), 3)).hasToString("/h/logs/api-out.log");
        assertThat(home.errorFile(Specs.fork("api", "/a.js"), 3)).hasToString("/h/logs/api-error.log");
        assertThat(home.outFile(Specs.cluster("api", "/a.js", 2), 3)).hasToString("/h/logs/api-out-3.log");
        assertThat(home.pidFile(Specs.fork("api", "/a.js"), 3)).hasToString("/h/pids/api-3.pid");
    }
}
