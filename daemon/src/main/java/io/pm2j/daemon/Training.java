package io.pm2j.daemon;

import io.pm2j.config.AppName;
import io.pm2j.config.read.EdgeText;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A short life of a daemon in a home of its own: apps are started and listed, a page is served, also over TLS, all is
/// stopped. The JVM notes which classes that takes; the launcher makes the ahead-of-time cache from it.
///
/// What a machine may lack (Node, the JDK's keytool) is tried for a while, and left out of the cache where it fails:
/// the daemon is slower then to begin with it, and nothing else.
final class Training {
    private static final Duration WHILE = Duration.ofSeconds(45);
    private static final String NODE_APP = "require('http').createServer((q, s) => s.end('hello')).listen(%d)";

    private Training() {}

    static int run(Path root) throws IOException, InterruptedException {
        return run(root, Path.of(System.getProperty("java.home")));
    }

    static int run(Path root, Path jdk) throws IOException, InterruptedException {
        Daemon daemon = Daemon.start(DaemonHome.take(root), Transport.wanted("auto"));
        try {
            Files.writeString(root.resolve("index.html"), "hello");
            int port = freePort();
            int code = ask(root, new ControlRequest.Serve(root.toString(), port, "", false));
            code |= get(port);
            code |= ask(root, new ControlRequest.Start(List.of(sleeper(root)), false, false));
            attempt("TLS", () -> secure(root, jdk));
            attempt("Node", () -> node(root));
            code |= ask(root, new ControlRequest.Processes(List.of(), true));
            return code;
        } finally {
            daemon.stop();
        }
    }

    /// `what` is done unless it cannot be, or takes too long; that is said then.
    private static void attempt(String what, Callable<Integer> how) throws InterruptedException {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                done.complete(how.call());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        String why;
        try {
            why = done.get(WHILE.toMillis(), TimeUnit.MILLISECONDS) == 0 ? "" : "it was refused";
        } catch (ExecutionException e) {
            why = String.valueOf(e.getCause());
        } catch (TimeoutException e) {
            why = "it took more than " + WHILE.toSeconds() + " s";
        }
        if (!why.isEmpty()) {
            System.err.println("pm2j daemon: the training is without " + what + ": " + why);
        }
    }

    /// A listener with a certificate of each kind of key, and clients of both versions, the second time with a ticket,
    /// and of HTTP/2.
    private static int secure(Path root, Path jdk) throws Exception {
        int port = freePort();
        SelfSigned ec = SelfSigned.make(jdk, root, "ec.test", "EC");
        SelfSigned rsa = SelfSigned.make(jdk, root, "rsa.test", "RSA");
        String edge = """
                {"edge": {"listeners": [{"address": "127.0.0.1:%d", "tls": {"certificates": [%s, %s]}}],
                "routes": [{"redirect": "https://example.com{uri}"}]}, "apps": []}
                """.formatted(port, files(ec), files(rsa));
        int code = ask(root, new ControlRequest.Edge("training.json", new EdgeText(edge, root, root)));
        for (String version : List.of("TLSv1.3", "TLSv1.3", "TLSv1.2")) {
            code |= ec.answers(port, version) && rsa.answers(port, version) ? 0 : 1;
        }
        return ec.answersHttp2(port) ? code : 1;
    }

    private static String files(SelfSigned pair) {
        return "{\"cert\": \"%s\", \"key\": \"%s\"}".formatted(pair.certificate(), pair.key());
    }

    /// A worker with a channel, and a request that goes to it.
    private static int node(Path root) throws IOException {
        int port = freePort();
        Path script = Files.writeString(root.resolve("app.js"), NODE_APP.formatted(port));
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        AppSpec app = AppSpec.draft(
                        new AppName("node"), new Program(script.toString(), List.of(), "node", List.of()), root)
                .environment(Environment.of(Map.of("PATH", path)))
                .cluster(1)
                .spec();
        return ask(root, new ControlRequest.Start(List.of(app), false, false)) | get(port);
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
