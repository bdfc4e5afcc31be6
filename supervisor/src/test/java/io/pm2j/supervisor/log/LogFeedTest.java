package io.pm2j.supervisor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.log.LogRecord.Stream;
import org.junit.jupiter.api.Test;

class LogFeedTest {
    private static final LogSource WEB = new LogSource(1, "web", Stream.OUT);

    private final LogFeed feed = new LogFeed();

    @Test
    void passesTheWantedLinesOn() throws InterruptedException {
        try (LogFeed.Follower follower = feed.follow(WEB::equals)) {
            assertThat(feed.followed(WEB)).isTrue();
            assertThat(feed.followed(new LogSource(1, "web", Stream.ERR))).isFalse();
            feed.publish(line("api", "no"));
            feed.publish(line("web", "yes"));

            assertThat(follower.next().text()).isEqualTo("yes");
            assertThat(follower.takeLost()).isZero();
        }
        assertThat(feed.followed(WEB)).isFalse();
    }

    @Test
    void losesTheLinesOfAFollowerThatDoesNotRead() throws InterruptedException {
        try (LogFeed.Follower follower = feed.follow(_ -> true)) {
            for (int i = 0; i < 10_001; i++) {
                feed.publish(line("web", "line " + i));
            }

            assertThat(follower.takeLost()).isEqualTo(1);
            assertThat(follower.takeLost()).isZero();
            assertThat(follower.next().text()).isEqualTo("line 0");
        }
    }

    @Test
    void boundsTheMemoryOfLongLines() throws InterruptedException {
        String mebi = "x".repeat(1024 * 1024);
        try (LogFeed.Follower follower = feed.follow(_ -> true)) {
            for (int i = 0; i < 10; i++) {
                feed.publish(line("web", mebi));
            }
            assertThat(follower.takeLost()).isEqualTo(6);

            assertThat(follower.next().text()).hasSize(mebi.length());
            feed.publish(line("web", mebi));
            assertThat(follower.takeLost()).isZero();
        }
    }

    private static LogRecord line(String app, String text) {
        return new LogRecord(1, app, Stream.OUT, 0, text);
    }
}
