package io.pm2j.supervisor.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.Eventually;
import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.Posix;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is known of a channel when the process is killed that has our end.
@Timeout(120)
class NodeChannelIT {
    private final Poller poller = new Poller("test");
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<NodeChannel> open = new CopyOnWriteArrayList<>();
    private int worker;

    private NodeChannel open(NodeChannel.Unsent... unsent) throws IOException {
        int[] pair = Posix.socketPair(true);
        worker = pair[1];
        NodeChannel.Left from = new NodeChannel.Left(pair[0], new byte[0], List.of(unsent));
        NodeChannel channel = new NodeChannel(poller, from, witness(), _ -> {}, () -> {});
        open.add(channel);
        return channel;
    }

    private NodeChannel.Witness witness() {
        return new NodeChannel.Witness() {
            @Override
            public void inPieces(boolean on) {
                told.add(on ? "pieces" : "whole");
            }

            @Override
            public void closed() {
                told.add("closed");
            }
        };
    }

    @AfterEach
    void close() {
        open.forEach(NodeChannel::close);
        poller.close();
        Posix.close(worker);
    }

    @Test
    void shortMessagesGoWholeOrNotAtAll() throws IOException {
        NodeChannel channel = open();
        String message = "\"" + "x".repeat(1_000) + "\"";
        for (int i = 0; i < 400; i++) {
            channel.send(message);
        }
        List<NodeChannel.Unsent> unsent = channel.left().orElseThrow().unsent();

        assertThat(unsent).as("the socket is full").isNotEmpty();
        assertThat(unsent).allMatch(one -> one.bytes().length == message.length() + 1);
        assertThat(told).isEmpty();
    }

    @Test
    void aLongMessageIsInPiecesUntilAllOfItWasTaken() throws Exception {
        NodeChannel channel = open();
        channel.send("\"" + "x".repeat(4 * 1024 * 1024) + "\"");
        assertThat(told).containsExactly("pieces");

        int taken = 0;
        while (taken < 4 * 1024 * 1024 + 3) {
            byte[] bytes = Posix.receive(worker);
            taken += bytes == null ? 0 : bytes.length;
        }

        Eventually.holds("it is over", () -> told.equals(List.of("pieces", "whole")));
        channel.send("1");
        channel.close();
        assertThat(told).containsExactly("pieces", "whole", "closed");
    }

    @Test
    void oneThatGoesOnInTheMiddleOfAMessageIsInPieces() throws Exception {
        NodeChannel _ = open(new NodeChannel.Unsent("rest\n".getBytes(UTF_8), -1));

        Eventually.holds("it is over", () -> told.equals(List.of("pieces", "whole")));
    }
}
