package io.pm2j.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class TransportTest {
    @Test
    void isEpollWhereNothingIsAskedFor() {
        assertThat(Transport.wanted(null)).isEqualTo(Transport.EPOLL);
        assertThat(Transport.wanted("")).isEqualTo(Transport.EPOLL);
        assertThat(Transport.wanted("auto")).isEqualTo(Transport.EPOLL);
    }

    @Test
    void isWhatIsAskedFor() {
        assertThat(Transport.wanted("nio")).isEqualTo(Transport.NIO);
        assertThat(Transport.wanted("epoll")).isEqualTo(Transport.EPOLL);
    }

    @Test
    void isEpollWhereTheKernelForbidsIoUring() {
        assertThat(Transport.wanted("io_uring")).isIn(Transport.IO_URING, Transport.EPOLL);
    }

    @Test
    void refusesOtherWordsAndSaysWhichThereAre() {
        assertThatThrownBy(() -> Transport.wanted("kqueue"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("transport: \"kqueue\" (expected: auto, epoll, io_uring or nio)");
    }
}
