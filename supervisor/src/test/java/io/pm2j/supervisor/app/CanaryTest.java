package io.pm2j.supervisor.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.traffic.Share;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanaryTest {
    @ParameterizedTest
    @CsvSource({
        "1%, 1, 1",
        "10%, 1, 1",
        "10%, 2, 1",
        "10%, 20, 2",
        "50%, 4, 2",
        "50%, 3, 2",
        "99%, 2, 2",
        "100%, 8, 8",
        "100%, 0, 1",
        "cookie:a=b, 16, 1"
    })
    void asManyWorkersAsTheShareOfTheOldOnes(String share, int instances, int workers) {
        assertThat(Canary.workers(Share.parse(share).orElseThrow(), instances)).isEqualTo(workers);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0%",
                "0",
                "101%",
                "-1",
                "1.5%",
                "ten",
                "cookie:",
                "cookie:a",
                "cookie:=b",
                "cookie:a=",
                "cookie:a b=c",
                "cookie:a=b;c",
                "cookie:a=\"b\""
            })
    void whatIsNoShareIsNone(String text) {
        assertThat(Share.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"10%, 10%", "10, 10%", "100%, 100%", "cookie:beta=1, cookie beta=1", "cookie:a=b=c, cookie a=b=c"})
    void sharesReadAsTheyWereTyped(String text, String shown) {
        assertThat(Share.parse(text).orElseThrow()).hasToString(shown);
    }
}
