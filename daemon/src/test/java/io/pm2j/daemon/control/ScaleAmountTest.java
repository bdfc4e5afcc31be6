package io.pm2j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScaleAmountTest {
    @ParameterizedTest
    @CsvSource({"4, 2, 4", "+2, 2, 4", "-1, 2, 1", "1, 8, 1", "+0, 3, 3"})
    void resolvesAbsoluteAndRelativeAmounts(String amount, int present, int wanted) {
        assertThat(ScaleAmount.resolve(amount, present)).hasValue(wanted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-2", "-3", "", "two", "1.5", "++1", "999999", "99999", "max"})
    void refusesWhatLeavesNoneOrIsNoNumber(String amount) {
        assertThat(ScaleAmount.resolve(amount, 2)).isEmpty();
    }
}
