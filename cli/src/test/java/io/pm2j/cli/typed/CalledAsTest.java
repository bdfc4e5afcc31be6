package io.pm2j.cli.typed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CalledAsTest {
    @Test
    void pm2LivesInPm2Home() {
        Map<String, String> env = Map.of("PM2_HOME", "/p", "PM2J_HOME", "/j");
        assertThat(CalledAs.named("pm2").home("ls", env, "/h")).hasToString("/p");
        assertThat(CalledAs.named("pm2j").home("ls", env, "/h")).hasToString("/j");
        assertThat(CalledAs.named("pm2").home("ls", Map.of("PM2J_HOME", "/j"), "/h"))
                .hasToString("/h/.pm2");
        assertThat(CalledAs.named("something").home("ls", Map.of(), "/h")).hasToString("/h/.pm2j");
    }

    @Test
    void devHasAHomeOfItsOwn() {
        assertThat(CalledAs.named("pm2-dev").home("dev", Map.of(), "/h")).hasToString("/h/.pm2-dev");
        assertThat(CalledAs.named("pm2j").home("dev", Map.of(), "/h")).hasToString("/h/.pm2j-dev");
    }

    @Test
    void theNameStandsForACommand() {
        assertThat(CalledAs.named("pm2-docker").words("start", "a.js")).containsExactly("runtime", "start", "a.js");
        assertThat(CalledAs.named("pm2").words("ls")).containsExactly("ls");
    }
}
