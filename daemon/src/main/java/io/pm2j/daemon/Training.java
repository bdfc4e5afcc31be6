package io.pm2j.daemon;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.supervisor.control.ControlClient;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A short life of a daemon in a home of its own: an app is started and listed, a page is served, all is stopped. The
/// JVM notes which classes that takes; the launcher makes the ahead-of-time cache from it.
final class Training {
    private Training() {}

    static int run(Path root) throws IOException, InterruptedException {
        Daemon daemon = Daemon.start(DaemonHome.take(root));
        try {
            Files.writeString(root.resolve("index.html"), "hello");
            int port = freePort();
            int code = ask(root, new ControlRequest.Serve(root.toString(), port, "", false));
            code |= get(port);
            code |= ask(root, new ControlRequest.Start(List.of(sleeper(root)), false, false));
            code |= ask(root, new ControlRequest.Processes(List.of()));
            return code;
        } finally {
            daemon.stop();
        }
    }

    private static int ask(Path root, ControlRequest request) throws IOException {
        try (ControlClient client = ControlClient.connect(root.resolve("pm2j.sock"))) {
            client.ask(request, "training");
            while (true) {
                if (client.next() instanceof ControlReply.Done(int exitCode)) {
                    return exitCode;
                }
            }
        }
    }

    private static int get(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.startsWith("HTTP/1.1 200") ? 0 : 1;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    private static AppSpec sleeper(Path root) {
        return new AppSpec(
                new AppName("training"),
                AppSpec.DEFAULT_NAMESPACE,
                "sleep 60",
                List.of(),
                root,
                AppSpec.SHELL,
                List.of(),
                OptionalInt.empty(),
                ExecMode.FORK,
                Map.of("PATH", "/usr/bin:/bin"),
                OptionalInt.empty(),
                false,
                AppSpec.DEFAULT_LISTEN_TIMEOUT,
                AppSpec.DEFAULT_KILL_TIMEOUT,
                true,
                AppSpec.DEFAULT_MIN_UPTIME,
                AppSpec.DEFAULT_MAX_RESTARTS,
                Duration.ZERO,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
