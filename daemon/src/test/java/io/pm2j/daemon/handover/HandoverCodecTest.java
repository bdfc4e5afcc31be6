package io.pm2j.daemon.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.Address;
import io.pm2j.proxy.HandedEdge;
import io.pm2j.proxy.forward.Resting;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import io.pm2j.supervisor.app.AppHandover;
import io.pm2j.supervisor.log.LogPump;
import io.pm2j.supervisor.log.LogRecord;
import io.pm2j.supervisor.node.NodeChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class HandoverCodecTest {
    private static final Address OPEN = new Address.Tcp("::", 3_000);

    private static final Handover FULL = new Handover(
            2,
            List.of("/usr/bin/java", "-cp", "a b", "Main"),
            "it said \"no\"\n",
            1_234_567_890_123L,
            9_615,
            7,
            List.of(new AppHandover(
                    "api",
                    List.of(
                            new AppHandover.Listening(new Address.Tcp("::", 0), 3, OPEN, Optional.of("{\"k\":1}")),
                            new AppHandover.Listening(
                                    new Address.Unix("/run/a.sock"),
                                    0,
                                    new Address.Unix("/run/a.sock"),
                                    Optional.empty())),
                    List.of(new AppHandover.Receiving("udp4", "0.0.0.0", 0, 1, 31, 5_353)),
                    List.of(new AppHandover.Working(
                            "beef",
                            4_000_000_000L,
                            true,
                            false,
                            "well",
                            Optional.of(new NodeChannel.Left(
                                    11, new byte[] {'{', -1}, List.of(new NodeChannel.Unsent(new byte[] {1, 2}, 12)))),
                            List.of(new LogPump.Left(13, LogRecord.Stream.ERR, new byte[] {'x', 0})),
                            List.of(
                                    new AppHandover.Granted("k", OPEN, true, Optional.empty()),
                                    new AppHandover.Granted(
                                            "private", OPEN, false, Optional.of(new Address.Tcp("127.0.0.1", 4)))),
                            Map.of("udp4 0.0.0.0 0#1", true),
                            new AppHandover.Watched(
                                    false, true, Optional.of(Duration.ofMillis(1_500)), OptionalInt.of(32)))))),
            new HandedEdge(
                    List.of(new HandedEdge.Door(
                            new Opened(OPEN, List.of(20, 21), "HTTP answers"),
                            List.of(
                                    new Resting(
                                            1,
                                            22,
                                            false,
                                            Resting.At.HEAD,
                                            new byte[] {'G', 'E'},
                                            Optional.of(new Resting.Told(
                                                    new InetSocketAddress("192.0.2.1", 1),
                                                    new InetSocketAddress("2001:db8::1", 2))),
                                            Optional.empty()),
                                    new Resting(
                                            0,
                                            23,
                                            true,
                                            Resting.At.TUNNEL,
                                            new byte[0],
                                            Optional.empty(),
                                            Optional.of(new Resting.Through(
                                                    24,
                                                    true,
                                                    "api [::]:3000",
                                                    9,
                                                    Long.MAX_VALUE,
                                                    Optional.of("1 2 2 0 0"),
                                                    Optional.empty())))))),
                    List.of(new Resting(
                            1,
                            26,
                            false,
                            Resting.At.TUNNEL,
                            new byte[0],
                            Optional.empty(),
                            Optional.of(new Resting.Through(
                                    27, false, "app api", 9, 60_000, Optional.empty(), Optional.empty())))),
                    List.of(new Opened(new Address.Tcp("127.0.0.1", 53), List.of(25), ""))));

    @Test
    void whatIsReadIsWhatWasWritten() throws IOException {
        Handover read = HandoverCodec.read(HandoverCodec.write(FULL));

        assertThat(read).usingRecursiveComparison().isEqualTo(FULL);
    }

    @Test
    void everyDescriptorThatIsNamedStaysOpen() {
        assertThat(FULL.descriptors()).containsExactly(7, 11, 12, 13, 20, 21, 22, 23, 24, 25, 26, 27, 31, 32);
    }

    @Test
    void anotherFormIsRefused() {
        String newer = HandoverCodec.write(FULL).replace("\"form\":1", "\"form\":2");

        assertThatThrownBy(() -> HandoverCodec.read(newer))
                .isInstanceOf(IOException.class)
                .hasMessage("a hand-over of form 2 (expected: 1)");
    }

    @Test
    void damagedTextIsRefused() {
        for (String text : List.of("", "{", "[]", "{\"form\":1}", "{\"form\":\"x\"}")) {
            assertThatThrownBy(() -> HandoverCodec.read(text)).isInstanceOf(IOException.class);
        }
    }
}
