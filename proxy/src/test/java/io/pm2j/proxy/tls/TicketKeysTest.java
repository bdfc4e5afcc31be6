package io.pm2j.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Which keys seal and open tickets at a time.
class TicketKeysTest {
    private static final Instant START = Instant.ofEpochSecond(1_000_000);

    private byte last;

    private final Supplier<byte[]> fresh = () -> {
        byte[] key = new byte[TicketKeys.SIZE];
        key[0] = ++last;
        return key;
    };

    private TicketKeys after(TicketKeys keys, Duration time) {
        return keys.at(START.plus(time), fresh);
    }

    private static int[] names(TicketKeys keys) {
        int[] names = new int[keys.keys().length];
        for (int i = 0; i < names.length; i++) {
            names[i] = keys.keys()[i].name()[0];
        }
        return names;
    }

    @Test
    void makesTheFirst() {
        assertThat(names(after(TicketKeys.none(), Duration.ZERO))).containsExactly(1);
    }

    @Test
    void sealsWithAKeyForEightHours() {
        TicketKeys first = after(TicketKeys.none(), Duration.ZERO);

        assertThat(after(first, TicketKeys.SEALS.minusSeconds(1))).isSameAs(first);
        assertThat(names(after(first, TicketKeys.SEALS))).containsExactly(2, 1);
    }

    @Test
    void opensWithAKeyForADay() {
        TicketKeys keys = TicketKeys.none();
        for (int hours = 0; hours <= 24; hours += 8) {
            keys = after(keys, Duration.ofHours(hours));
        }

        assertThat(names(keys)).containsExactly(4, 3, 2);
    }

    @Test
    void startsAnewAfterALongAbsence() {
        TicketKeys keys = after(TicketKeys.none(), Duration.ZERO);

        assertThat(names(after(keys, Duration.ofDays(3)))).containsExactly(2);
    }

    @Test
    void isWrittenAndRead() {
        TicketKeys keys = after(after(TicketKeys.none(), Duration.ZERO), Duration.ofHours(9));
        TicketKeys read = TicketKeys.parse(keys.text());

        assertThat(read.text()).isEqualTo(keys.text());
        assertThat(names(read)).containsExactly(2, 1);
    }

    @Test
    void refusesAnotherText() {
        assertThatThrownBy(() -> TicketKeys.parse("12 abcd")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TicketKeys.parse("x")).isInstanceOf(IllegalArgumentException.class);
        assertThat(TicketKeys.parse("").text()).isEmpty();
    }
}
