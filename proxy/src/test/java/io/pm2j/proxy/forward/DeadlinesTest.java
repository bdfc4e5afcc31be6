package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DeadlinesTest {
    private static final long TICK = Deadlines.TICK_MS;
    private static final long START = 1_000_000;

    private final Deadlines deadlines = new Deadlines(START);
    private final List<String> looked = new ArrayList<>();

    /// Writes down when it is looked at, and asks to be looked at until `next`.
    private final class Named extends Timed {
        private final String name;
        private long next = NEVER;

        Named(String name) {
            this.name = name;
        }

        @Override
        long due(long nowMs) {
            looked.add(name + "@" + (nowMs - START));
            return next > nowMs ? next : NEVER;
        }

        @Override
        void lookFailed(RuntimeException why) {
            looked.add(name + " failed");
        }
    }

    private void runTo(long ms) {
        for (long now = START + TICK; now <= START + ms; now += TICK) {
            deadlines.advance(now);
        }
    }

    @Test
    void looksWithinATickAfterTheDeadline() {
        deadlines.by(new Named("a"), START + 700);
        runTo(2_000);
        assertThat(looked).containsExactly("a@750");
    }

    @Test
    void movesADeadlineThatComesNearerAndIgnoresOneThatMovesAway() {
        Named one = new Named("a");
        deadlines.by(one, START + 10_000);
        deadlines.by(one, START + 500);
        deadlines.by(one, START + 60_000);
        runTo(70_000);
        assertThat(looked).containsExactly("a@500");
    }

    @Test
    void looksAgainWhenTold() {
        Named one = new Named("a");
        one.next = START + 3_000;
        deadlines.by(one, START + 250);
        runTo(5_000);
        assertThat(looked).containsExactly("a@250", "a@3000");
    }

    @Test
    void reachesBeyondTheRing() {
        Named one = new Named("a");
        one.next = START + 300_000;
        deadlines.by(one, START + 300_000);
        // Twice it is found at the end of the ring, too early.
        runTo(400_000);
        assertThat(looked).containsExactly("a@127750", "a@255500", "a@300000");
    }

    @Test
    void missesNobodyAfterALongSleep() {
        for (int i = 0; i < 1_000; i++) {
            deadlines.by(new Named("n" + i), START + i * 100L);
        }
        deadlines.advance(START + 10_000_000);
        assertThat(looked).hasSize(1_000);
    }

    @Test
    void forgetsWhoLeaves() {
        Named gone = new Named("gone");
        Named stays = new Named("stays");
        deadlines.by(stays, START + 250);
        deadlines.by(gone, START + 250);
        deadlines.leave(gone);
        deadlines.by(gone, START + 250);
        runTo(1_000);
        assertThat(looked).containsExactly("stays@250");
    }

    @Test
    void survivesALookThatEndsAnother() {
        Named victim = new Named("victim");
        Timed closing = new Timed() {
            @Override
            long due(long nowMs) {
                deadlines.leave(victim);
                throw new IllegalStateException("and fails");
            }

            @Override
            void lookFailed(RuntimeException why) {
                looked.add("failed");
            }
        };
        deadlines.by(victim, START + 250);
        deadlines.by(closing, START + 250);
        deadlines.by(new Named("last"), START + 500);
        runTo(1_000);
        assertThat(looked).containsExactly("failed", "last@500");
    }

    @Test
    void isNeverEarlyAndAtMostATickLateWhateverHappens() {
        Random random = new Random(7);
        List<Long> due = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            long at = START + 1 + random.nextInt(120_000);
            due.add(at);
            deadlines.by(
                    new Timed() {
                        @Override
                        long due(long nowMs) {
                            assertThat(nowMs).isBetween(at, at + TICK - 1);
                            due.remove(at);
                            return NEVER;
                        }

                        @Override
                        void lookFailed(RuntimeException why) {
                            throw why;
                        }
                    },
                    at);
        }
        runTo(121_000);
        assertThat(due).isEmpty();
    }
}
