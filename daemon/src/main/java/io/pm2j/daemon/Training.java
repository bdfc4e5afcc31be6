package io.pm2j.daemon;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.Program;
import io.pm2j.proxy.transport.Transport;
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
import java.util.List;
import java.util.Map;

/// A short life of a daemon in a home of its own: an app is started and listed, a page is served, all is stopped. The
/// JVM notes which classes that takes; the launcher makes the ahead-of-time cache from it.
final class Training {
    private Training() {}

    static int run(Path root) throws IOException, InterruptedException {
        Daemon daemon = Daemon.start(DaemonHome.take(root), Transport.wanted("auto"));
        try {
            Files.writeString(root.resolve("index.html"), "hello");
            int port = freePort();
            int code = ask(root, new ControlRequest.Serve(root.toString(), port, "", false));
            code |= get(port);
            code |= ask(root, new ControlRequest.Start(List.of(sleeper(root)), false, false));
            code |= ask(root, new ControlRequest.Processes(List.of(), true));
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
        Program sleep = new Program("sleep 60", List.of(), Program.SHELL, List.of());
        return AppSpec.draft(new AppName("training"), sleep, root)
                .environment(Environment.of(Map.of("PATH", "/usr/bin:/bin")))
                .spec();
    }
}
