package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NearestTest {
    @ParameterizedTest
    @CsvSource({
        "instnaces, instances",
        "instance, instances",
        "max_memory_restrat, max_memory_restart",
        "exec-mode, exec_mode",
        "Script, script",
        "nmae, name",
        "kill_timeot, kill_timeout",
        "cwdd, cwd"
    })
    void aSlipFindsWhatWasMeant(String typed, String meant) {
        assertThat(Attribute.nearest(typed)).contains(meant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"colour", "watchful_eye", "zzz"})
    void somethingElseFindsNothing(String typed) {
        assertThat(Attribute.nearest(typed)).isEmpty();
    }

    @Test
    void theFirstByNameWinsAmongEquallyNear() {
        assertThat(Nearest.to("ax", List.of("az", "ay"))).isEqualTo(Optional.of("ay"));
    }
}
