package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CallerTest {
    @Test
    void givesTheAppItsCallersLocale() {
        assertThat(Caller.withCallersLocale(Map.of(Caller.CALLER_LOCALE, "C", "LC_ALL", "C.UTF-8", "HOME", "/h")))
                .isEqualTo(Map.of("LC_ALL", "C", "HOME", "/h"));
        assertThat(Caller.withCallersLocale(Map.of(Caller.CALLER_LOCALE, "", "LC_ALL", "C.UTF-8")))
                .isEmpty();
        assertThat(Caller.withCallersLocale(Map.of("LC_ALL", "de_DE.UTF-8")))
                .isEqualTo(Map.of("LC_ALL", "de_DE.UTF-8"));
    }
}
