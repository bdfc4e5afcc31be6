package io.pm2j.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pm2j.cli.command.Session;
import io.pm2j.cli.link.DaemonLink;
import io.pm2j.cli.link.DaemonLink.Reached;
import io.pm2j.cli.link.Home;
import io.pm2j.cli.view.JsonList;
import io.pm2j.cli.view.ProcessShape;
import io.pm2j.supervisor.control.ControlClient;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What is asked at a daemon's socket without a program of its own, since that would be most of a look's time.
final class Asked {
    private static final ObjectMapper JSON = new ObjectMapper();
    /// Of PM2's messages: version one, with two parts.
    private static final int TWO_PARTS = 1 << 4 | 2;

    private static final long LONGEST_SECONDS = 60;

    private Asked() {}

    /// What `jlist` prints, by the code of the command line; nothing where no daemon answers, or one
    /// that dies.
    static Optional<JsonNode> listOfPm2j(Path home) throws IOException {
        return inTime(() -> askedForTheList(home));
    }

    private static Optional<JsonNode> askedForTheList(Path home) throws IOException {
        if (!(new DaemonLink(new Home(home)).reach() instanceof Reached.Daemon(ControlClient client))) {
            return Optional.empty();
        }
        try (client) {
            client.ask(new ControlRequest.Processes(List.of(), false), Session.PM2J_VERSION);
            while (true) {
                if (client.next() instanceof ControlReply.Listing(var processes, var specs)) {
                    return Optional.of(JSON.readTree(JsonList.of(ProcessShape.all(processes, specs))));
                }
            }
        } catch (IOException e) {
            return Optional.empty(); // it was killed, and had not died yet
        }
    }

    /// Ends the daemon as `kill` does; whether one answered, and did.
    static boolean toEnd(Path home) {
        try {
            return inTime(() -> askedToEnd(home));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean askedToEnd(Path home) throws IOException {
        if (!(new DaemonLink(new Home(home)).reach() instanceof Reached.Daemon(ControlClient client))) {
            return false;
        }
        try (client) {
            client.ask(new ControlRequest.Kill(), Session.PM2J_VERSION);
            while (!(client.next() instanceof ControlReply.Done)) {
                // what it says meanwhile is for people
            }
            return true;
        }
    }

    /// Of a daemon that hangs there is something to be read in the report.
    private static <T> T inTime(Callable<T> conversation) throws IOException {
        FutureTask<T> task = new FutureTask<>(conversation);
        Thread.ofVirtual().start(task);
        try {
            return task.get(LONGEST_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            task.cancel(true); // which closes the channel
            throw new IOException("the daemon has not answered within " + LONGEST_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// The list of npm's PM2, by its protocol: a byte, then each part with its length; a question and its number.
    static Optional<JsonNode> listOfPm2(Path home) throws IOException {
        return inTime(() -> askedPm2ForTheList(home));
    }

    private static Optional<JsonNode> askedPm2ForTheList(Path home) throws IOException {
        Path socket = home.resolve("rpc.sock");
        if (!Files.exists(socket)) {
            return Optional.empty();
        }
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel));
                DataInputStream in = new DataInputStream(Channels.newInputStream(channel))) {
            out.write(TWO_PARTS);
            part(out, "j:{\"type\":\"call\",\"method\":\"getMonitorData\",\"args\":[{}]}");
            part(out, "s:1");
            if (in.read() != TWO_PARTS) {
                throw new IOException("PM2 answers otherwise than it did");
            }
            byte[] answer = in.readNBytes(in.readInt());
            return Optional.of(
                    JSON.readTree(answer, 2, answer.length - 2).path("args").path(0));
        }
    }

    private static void part(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
