package io.pm2j.supervisor.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pm2j.supervisor.Eventually;
import io.pm2j.supervisor.NoChildrenLeft;
import io.pm2j.supervisor.process.Account;
import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.Succession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoChildrenLeft.class)
class NotifySocketIT {
    /// What a service does without a library: sd_notify(3), in five lines.
    private static final String NOTIFY = """
            import os, socket, sys
            address = os.environ["NOTIFY_SOCKET"]
            if address[0] == "@": address = "\\0" + address[1:]
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.connect(address)
            """;

    @TempDir
    Path folder;

    private final List<NotifyMessage> heard = new CopyOnWriteArrayList<>();
    private Poller poller;

    @BeforeEach
    void open() {
        poller = new Poller("test");
    }

    @AfterEach
    void close() {
        poller.close();
    }

    @Test
    void hearsAChild() throws Exception {
        try (NotifySocket socket = NotifySocket.open(folder.resolve("a.sock"), poller, heard::add)) {
            assertThat(socket.address())
                    .isEqualTo(folder.resolve("a.sock").toAbsolutePath().toString());

            assertThat(python(socket, "s.send(b'STATUS=hello\\nREADY=1'); s.send(b''); s.send(b'WATCHDOG=1')"))
                    .isEmpty();

            awaitHeard(new NotifyMessage.Status("hello"), new NotifyMessage.Ready(), new NotifyMessage.WatchdogPing());
        }
        assertThat(folder.resolve("a.sock")).doesNotExist();
    }

    @Test
    void hearsWhatWasSentBeforeItWasTakenUp() throws Exception {
        Path path = folder.resolve("a.sock");
        try (Poller former = new Poller("former")) {
            former.pause();
            try (NotifySocket socket = NotifySocket.open(path, former, _ -> {})) {
                assertThat(python(socket, "s.send(b'READY=1')")).isEmpty();
                int fd = Succession.copy(socket.descriptor().orElseThrow());

                try (NotifySocket next = NotifySocket.takeUp(fd, Optional.empty(), path, poller, heard::add)) {
                    awaitHeard(new NotifyMessage.Ready());
                    assertThat(python(next, "s.send(b'STOPPING=1')")).isEmpty();
                    awaitHeard(new NotifyMessage.Ready(), new NotifyMessage.Stopping());
                }
            } finally {
                former.resume();
            }
        }
    }

    @Test
    void isForItsOwnUserAlone() throws Exception {
        try (NotifySocket _ = NotifySocket.open(folder.resolve("a.sock"), poller, heard::add)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a.sock"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void takesAnAbstractNameWhenThePathIsTooLong() throws Exception {
        Path longPath = folder.resolve("x".repeat(120)).resolve("a.sock");
        try (NotifySocket socket = NotifySocket.open(longPath, poller, heard::add)) {
            assertThat(socket.address()).startsWith("@pm2j-notify-");

            assertThat(python(socket, "s.send(b'READY=1')")).isEmpty();

            awaitHeard(new NotifyMessage.Ready());
        }
        try (NotifySocket _ = NotifySocket.open(longPath, poller, heard::add)) {
            assertThatThrownBy(() -> NotifySocket.open(longPath, poller, heard::add))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void hearsNoOtherUserThanTheWorkers() throws Exception {
        assumeTrue(Account.effectiveUid() == 0, "only root becomes another user");
        Account nobody = Account.find("nobody").orElseThrow();
        Account other = new Account("other", nobody.uid() - 1, nobody.gid(), "/");
        // For nobody: connects again, without the rights of root.
        String asNobody = "s.close(); os.setuid(" + nobody.uid()
                + "); s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(address); s.send(b'READY=1')";
        Path path = folder.resolve("a.sock");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));

        try (NotifySocket socket = NotifySocket.open(path, poller, heard::add)) {
            assertThat(python(socket, asNobody)).contains("PermissionError");
        }
        try (NotifySocket socket = NotifySocket.openFor(other, path, poller, heard::add)) {
            assertThat(python(socket, asNobody)).isEmpty();
            python(socket, "s.send(b'STATUS=root')");
            awaitHeard(new NotifyMessage.Status("root"));
        }
        heard.clear();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        try (NotifySocket socket = NotifySocket.openFor(nobody, path, poller, heard::add)) {
            assertThat(python(socket, asNobody)).isEmpty();
            awaitHeard(new NotifyMessage.Ready());
        }
    }

    @Test
    void closesDescriptorsThatComeAlong() throws Exception {
        try (NotifySocket socket = NotifySocket.open(folder.resolve("a.sock"), poller, heard::add)) {
            // The reader sees the end once the last copy of the write end is closed: ours.
            String waits = """
                    r, w = os.pipe()
                    many = [os.dup(w) for i in range(200)]
                    socket.send_fds(s, [b"FDSTORE=1\\nREADY=1"], many)
                    socket.send_fds(s, [b"BARRIER=1"], [w])
                    for fd in many + [w]: os.close(fd)
                    assert os.read(r, 1) == b""
                    """;

            assertThat(python(socket, waits)).isEmpty();

            awaitHeard(new NotifyMessage.Ready());
        }
    }

    @Test
    void dropsWhatIsTooLong() throws Exception {
        try (NotifySocket socket = NotifySocket.open(folder.resolve("a.sock"), poller, heard::add)) {
            assertThat(python(socket, "s.send(b'READY=1\\nSTATUS=' + b'x' * 5000); s.send(b'STOPPING=1')"))
                    .isEmpty();

            awaitHeard(new NotifyMessage.Stopping());
        }
    }

    @Test
    void hearsEverythingInOrder() throws Exception {
        try (NotifySocket socket = NotifySocket.open(folder.resolve("a.sock"), poller, heard::add)) {
            assertThat(python(socket, "for i in range(500): s.send(b'STATUS=%d' % i)"))
                    .isEmpty();

            Eventually.holds("all are heard", () -> heard.size() == 500);
            assertThat(heard.get(499)).isEqualTo(new NotifyMessage.Status("499"));
            assertThat(heard.get(250)).isEqualTo(new NotifyMessage.Status("250"));
        }
    }

    @Test
    void goesOnAfterAListenerThatThrows() throws Exception {
        try (NotifySocket socket = NotifySocket.open(folder.resolve("a.sock"), poller, message -> {
            heard.add(message);
            throw new IllegalStateException("expected by the test");
        })) {
            python(socket, "s.send(b'READY=1'); s.send(b'STOPPING=1')");

            awaitHeard(new NotifyMessage.Ready(), new NotifyMessage.Stopping());
        }
    }

    @Test
    void takesOverTheAddressOfAnEarlierOne() throws Exception {
        Path path = folder.resolve("a.sock");
        NotifySocket earlier = NotifySocket.open(path, poller, _ -> {});
        try (NotifySocket socket = NotifySocket.open(path, poller, heard::add)) {
            earlier.close();
            earlier.close();

            assertThat(python(socket, "s.send(b'READY=1')")).isEmpty();

            awaitHeard(new NotifyMessage.Ready());
        }
    }

    @Test
    void sparesAFileThatIsNoSocket() throws Exception {
        Path file = Files.writeString(folder.resolve("a.sock"), "kept");

        assertThatThrownBy(() -> NotifySocket.open(file, poller, heard::add)).isInstanceOf(IOException.class);

        assertThat(file).hasContent("kept");
    }

    private void awaitHeard(NotifyMessage... messages) throws Exception {
        Eventually.holds("it is heard", () -> heard.size() >= messages.length);
        assertThat(heard).containsExactly(messages);
    }

    /// What the child complained about.
    private static String python(NotifySocket socket, String script) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("python3", "-c", NOTIFY + script).redirectErrorStream(true);
        builder.environment().put("NOTIFY_SOCKET", socket.address());
        Process child = builder.start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said;
    }
}
