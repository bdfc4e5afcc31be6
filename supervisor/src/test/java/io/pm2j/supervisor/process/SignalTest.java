package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.pm2j.config.spec.StopSpec;
import org.junit.jupiter.api.Test;

class SignalTest {
    @Test
    void everyStopSignalIsKnown() {
        for (String name : StopSpec.SIGNALS) {
            assertThatCode(() -> Signal.valueOf(name)).doesNotThrowAnyException();
        }
    }

    @Test
    void namesAreThoseOfTheirNumbers() {
        for (Signal signal : Signal.values()) {
            assertThat(Signal.nameOf(signal.number())).isEqualTo(signal.name());
        }
    }
}
