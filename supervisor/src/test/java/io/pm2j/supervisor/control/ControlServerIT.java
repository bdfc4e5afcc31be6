package io.pm2j.supervisor.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class ControlServerIT {
    @TempDir
    private Path folder;

    @Test
    void onlyItsOwnerMayConnect() throws Exception {
        try (ControlServer server = serve((_, _) -> {})) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                    .isEqualTo("rw-------");
            assertThat(server).isNotNull();
        }
        assertThat(socket()).doesNotExist();
    }

    @Test
    void aHandlerThatThrowsEndsWithItsSentence() throws Exception {
        ControlHandler failing = (_, _) -> {
            throw new IllegalStateException("no luck");
        };
        try (ControlServer _ = serve(failing);
                ControlClient client = ControlClient.connect(socket())) {
            client.ask(new ControlRequest.Ping(), "1");
            assertThat(client.next()).isEqualTo(new ControlReply.Note(ControlReply.Level.ERROR, "no luck"));
            assertThat(client.next()).isEqualTo(new ControlReply.Done(1));
        }
    }

    @Test
    void aClientThatHangsUpInterruptsTheHandler() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        ControlHandler waiting = (_, _) -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        };
        try (ControlServer _ = serve(waiting)) {
            try (ControlClient client = ControlClient.connect(socket())) {
                client.ask(new ControlRequest.Ping(), "1");
                assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void talksWithSeveralAtATimeAndWithOneWhoOnlyLooks() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        ControlHandler meeting = (_, replies) -> {
            both.countDown();
            both.await();
            replies.send(new ControlReply.Done(0));
        };
        try (ControlServer _ = serve(meeting)) {
            ControlClient.connect(socket()).close();
            try (ControlClient one = ControlClient.connect(socket());
                    ControlClient other = ControlClient.connect(socket())) {
                for (ControlClient client : List.of(one, other)) {
                    client.ask(new ControlRequest.Ping(), "1");
                }
                assertThat(one.next()).isEqualTo(new ControlReply.Done(0));
                assertThat(other.next()).isEqualTo(new ControlReply.Done(0));
            }
        }
    }

    private ControlServer serve(ControlHandler handler) throws Exception {
        ControlServer server = new ControlServer(socket(), handler);
        server.start();
        return server;
    }

    private Path socket() {
        return folder.resolve("s");
    }
}
