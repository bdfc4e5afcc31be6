package io.pm2j.supervisor.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// What many changes come to, and when.
class BurstTest {
    private static final Path A = Path.of("/a");
    private static final Path B = Path.of("/b");

    private final Burst burst = new Burst(100);

    @Test
    void isOverAQuietTimeAfterTheLastChange() {
        burst.add(A, 1_000);
        assertThat(burst.leftNanos(1_040)).isEqualTo(60);

        burst.add(B, 1_050);
        assertThat(burst.leftNanos(1_100)).isEqualTo(50);
        assertThat(burst.leftNanos(1_150)).isZero();
        assertThat(burst.leftNanos(9_999)).isZero();
    }

    @Test
    void aClockMayPassItsLargestNumber() {
        burst.add(A, Long.MAX_VALUE);

        assertThat(burst.leftNanos(Long.MIN_VALUE + 39)).isEqualTo(60);
    }

    @Test
    void countsAPathOnceAndNamesTheFirst() {
        burst.add(B, 1);
        burst.add(A, 2);
        burst.add(B, 3);

        assertThat(burst.end()).isEqualTo(new Change(B, 2));
    }

    @Test
    void anotherBeginsWhereOneEnds() {
        burst.add(A, 1);
        burst.end();
        assertThat(burst.isEmpty()).isTrue();

        burst.add(B, 2);
        assertThat(burst.end()).isEqualTo(new Change(B, 1));
    }
}
