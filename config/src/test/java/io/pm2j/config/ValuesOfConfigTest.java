package io.pm2j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The small values: what they refuse, and how they are shown.
class ValuesOfConfigTest {
    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a/b", "a\nb", "a\u007f"})
    void anAppNameIsVisibleAndFitsIntoAFileName(String text) {
        assertThatThrownBy(() -> new AppName(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void appNamesAreOrderedByText() {
        assertThat(List.of(new AppName("b"), new AppName("a")).stream().sorted())
                .containsExactly(new AppName("a"), new AppName("b"));
    }

    @Test
    void addressesAreShownAsPeopleWriteThem() {
        assertThat(new Address.Tcp("127.0.0.1", 80)).hasToString("127.0.0.1:80");
        assertThat(Address.anyInterface(3000)).hasToString("[::]:3000");
        assertThat(new Address.Unix("/run/a.sock")).hasToString("unix:/run/a.sock");
    }

    @Test
    void anAddressHasAHostAndAPossiblePort() {
        assertThatThrownBy(() -> new Address.Tcp("", 1)).hasMessageContaining("host");
        assertThatThrownBy(() -> new Address.Tcp("a", -1)).hasMessageContaining("0 to 65535");
        assertThatThrownBy(() -> new Address.Tcp("a", 65_536)).hasMessageContaining("0 to 65535");
        assertThatThrownBy(() -> new Address.Unix("")).hasMessageContaining("path");
    }

    @Test
    void aProblemIsShownWithWhatIsKnownOfItsPlace() {
        assertThat(new ConfigProblem("f.json", OptionalInt.of(3), OptionalInt.of(7), "apps[0].port", "wrong"))
                .hasToString("f.json:3:7: apps[0].port: wrong");
        assertThat(ConfigProblem.of("f.json", "", "wrong")).hasToString("f.json: wrong");
    }

    @Test
    void anInvalidConfigCarriesEveryProblem() {
        var invalid = new InvalidConfig(List.of(ConfigProblem.of("f", "a", "one"), ConfigProblem.of("f", "b", "two")));

        assertThat(invalid.problems()).hasSize(2);
        assertThat(invalid).hasMessage("f: a: one\nf: b: two");
    }
}
