package io.pm2j.supervisor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LogTargetsTest {
    private static final Path OWN = Path.of("/logs/web-out.log");
    private static final Path ALL = Path.of("/logs/all.log");

    @Test
    void areTheOwnFileAndTheCombinedOne() {
        assertThat(LogTargets.of(LogSpec.DEFAULT, OWN, Optional.of(ALL)).files())
                .containsExactly(OWN, ALL);
        assertThat(LogTargets.of(LogSpec.DEFAULT, OWN, Optional.of(OWN)).files())
                .containsExactly(OWN);
    }

    @Test
    void areWithoutTheFilesThatAreSwitchedOff() {
        assertThat(LogTargets.of(LogSpec.DEFAULT, LogSpec.NOWHERE, Optional.of(ALL))
                        .files())
                .containsExactly(ALL);
        assertThat(LogTargets.of(LogSpec.DEFAULT, OWN, Optional.of(Path.of("/logs/NULL")))
                        .files())
                .containsExactly(OWN);
    }

    @Test
    void areNoneWhenLogsAreDisabled() {
        LogSpec disabled = new LogSpec(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                true,
                LogRotation.DEFAULT);

        assertThat(LogTargets.of(disabled, OWN, Optional.of(ALL)).files()).isEmpty();
    }
}
