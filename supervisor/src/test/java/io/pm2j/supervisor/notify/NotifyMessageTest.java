package io.pm2j.supervisor.notify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NotifyMessageTest {
    static Stream<Arguments> datagrams() {
        return Stream.of(
                says("READY=1", new NotifyMessage.Ready()),
                says("READY=1\n", new NotifyMessage.Ready()),
                says("STOPPING=1", new NotifyMessage.Stopping()),
                says("RELOADING=1\nMONOTONIC_USEC=123", new NotifyMessage.Reloading()),
                says("STATUS=warming up é", new NotifyMessage.Status("warming up é")),
                says("STATUS=a=b", new NotifyMessage.Status("a=b")),
                says("STATUS=", new NotifyMessage.Status("")),
                says("STATUS=red \u001b[31m\ttext\u0000", new NotifyMessage.Status("red  [31m text")),
                says("WATCHDOG=1", new NotifyMessage.WatchdogPing()),
                says("WATCHDOG=trigger", new NotifyMessage.WatchdogTrigger()),
                says("WATCHDOG_USEC=20000000", new NotifyMessage.WatchdogInterval(Duration.ofSeconds(20))),
                says("WATCHDOG_USEC=0", new NotifyMessage.WatchdogInterval(Duration.ZERO)),
                says("EXTEND_TIMEOUT_USEC=1500", new NotifyMessage.ExtendTimeout(Duration.ofNanos(1_500_000))),
                says(
                        "MAINPID=4711\nSTATUS=up\n\nREADY=1\nnonsense\nWATCHDOG=1",
                        new NotifyMessage.Status("up"),
                        new NotifyMessage.Ready(),
                        new NotifyMessage.WatchdogPing()));
    }

    @ParameterizedTest
    @MethodSource("datagrams")
    void readsADatagram(String datagram, List<NotifyMessage> messages) {
        assertThat(NotifyMessage.parse(datagram.getBytes(UTF_8))).isEqualTo(messages);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "\n\n",
                "=",
                "=1",
                "READY",
                "READY=",
                "READY=0",
                "READY=11",
                "ready=1",
                " READY=1",
                "READY=1 ",
                "READY=1\r",
                "STOPPING=yes",
                "WATCHDOG=0",
                "WATCHDOG=Trigger",
                "WATCHDOG_USEC=",
                "WATCHDOG_USEC=-1",
                "WATCHDOG_USEC=1.5",
                "WATCHDOG_USEC=18446744073709551615",
                "WATCHDOG_USEC=٣",
                "EXTEND_TIMEOUT_USEC=1s",
                "MAINPID=1",
                "FDSTORE=1\nFDNAME=x",
                "ERRNO=2",
                "BARRIER=1",
                "NOTIFYACCESS=all"
            })
    void leavesOutWhatItDoesNotKnow(String datagram) {
        assertThat(NotifyMessage.parse(datagram.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void leavesOutALineThatIsNotText() {
        assertThat(NotifyMessage.parse("STATUS=\u00ff\u00fe\nREADY=1".getBytes(ISO_8859_1)))
                .containsExactly(new NotifyMessage.Ready());
    }

    private static Arguments says(String datagram, NotifyMessage... messages) {
        return Arguments.of(datagram, List.of(messages));
    }
}
