package io.pm2j.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.AppName;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.ConfigSource;
import io.pm2j.config.read.EcosystemReader.ReadApps;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.Program;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlClient;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// A daemon of its own with an ecosystem file, and an app that answers with the variable VERSION.
final class ConfigGround implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(90);
    private static final String APP = """
            if (process.env.VERSION === 'boom') { console.error('boom'); process.exit(3); }
            require('http').createServer((q, a) => a.end(process.env.VERSION)).listen(process.env.PORT);
            """;

    private final Path root;
    private final int port;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Queue<String> logged = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Kept();
    private List<String> said = new ArrayList<>();
    private Daemon daemon;
    Path file;

    ConfigGround(Path root) throws IOException {
        this.root = root;
        this.file = root.resolve("ecosystem.json");
        Files.writeString(root.resolve("app.js"), APP);
        this.port = FreePorts.next();
        Logger.getLogger("").addHandler(handler);
        this.daemon = Daemon.start(DaemonHome.take(root.resolve("home")), Transport.wanted("auto"));
    }

    private final class Kept extends Handler {
        @Override
        public void publish(LogRecord record) {
            logged.add(new SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    String app(int instances, String version, int maxRestarts) {
        return """
                {"apps": [{
                  "name": "api", "script": "%s", "instances": %d, "max_restarts": %d, "bake": 0,
                  "listen_timeout": 60000,
                  "env": {"PORT": "%d", "PASSWORD": "hush"%s}
                }]}
                """.formatted(
                        root.resolve("app.js"),
                        instances,
                        maxRestarts,
                        port,
                        version.isEmpty() ? "" : ", \"VERSION\": \"" + version + "\"");
    }

    String other(String name) {
        return "{\"name\": \"" + name + "\", \"script\": \"sleep 1000\"}";
    }

    /// A folder with the file, the program, and another version.
    Path release(String number, String version) throws IOException {
        Path folder = Files.createDirectories(root.resolve("releases").resolve(number));
        Files.writeString(folder.resolve("app.js"), "process.env.VERSION = '" + version + "';\n" + APP);
        String text = app(1, "", 16)
                .replace(
                        root.resolve("app.js").toString(),
                        root.resolve("current/app.js").toString())
                .replace("\"bake\"", "\"cwd\": \"" + root.resolve("current") + "\", \"bake\"");
        Files.writeString(folder.resolve("ecosystem.json"), text);
        return folder;
    }

    void write(String text) throws IOException {
        Files.writeString(file, text);
    }

    int apply(boolean watched) throws Exception {
        return converge(ControlRequest.Deed.APPLY, Optional.of(watched));
    }

    int plan() throws Exception {
        return converge(ControlRequest.Deed.PLAN, Optional.empty());
    }

    private int converge(ControlRequest.Deed deed, Optional<Boolean> watch) throws Exception {
        ConfigSource source = new ConfigSource(file, new Caller(root, System.getenv(), 2, Optional.empty()), List.of());
        ReadApps read = source.read(_ -> {});
        return ask(new ControlRequest.Converge(source, read.apps(), read.edgeText(), deed, watch), new ArrayList<>());
    }

    void startByHand(String name) throws IOException {
        AppSpec spec = AppSpec.draft(
                        new AppName(name), new Program("sleep 1000", List.of(), Program.SHELL, List.of()), root)
                .environment(Environment.of(Map.of("PATH", System.getenv("PATH"))))
                .spec();
        assertThat(ask(new ControlRequest.Start(List.of(spec), false, false), new ArrayList<>()))
                .isZero();
    }

    void delete(String name) throws IOException {
        assertThat(ask(
                        new ControlRequest.Act(ControlRequest.Verb.DELETE, List.of(name), Optional.empty()),
                        new ArrayList<>()))
                .isZero();
    }

    private int ask(ControlRequest request, List<ProcessView> views) throws IOException {
        said = new ArrayList<>();
        try (ControlClient client = ControlClient.connect(root.resolve("home/pm2j.sock"))) {
            client.ask(request, "test");
            while (true) {
                switch (client.next()) {
                    case ControlReply.Done(int code) -> {
                        return code;
                    }
                    case ControlReply.Note(var _, String text) -> said.add(text);
                    case ControlReply.Listing(List<ProcessView> processes, var _) -> views.addAll(processes);
                    case ControlReply.LogHeader _, ControlReply.LogLine _, ControlReply.Happening _ -> {
                        // none was asked for
                    }
                }
            }
        }
    }

    /// What the last command was told.
    String said() {
        return String.join("\n", said);
    }

    String log() {
        return String.join("\n", logged);
    }

    private List<ProcessView> views() throws IOException {
        List<ProcessView> views = new ArrayList<>();
        ask(new ControlRequest.Processes(List.of(), true), views);
        return views;
    }

    List<String> names() throws IOException {
        return views().stream().map(ProcessView::name).distinct().toList();
    }

    String pids() throws IOException {
        return views().stream().map(view -> String.valueOf(view.pid())).toList().toString();
    }

    /// Of an app with one instance.
    int pid(String name) throws IOException {
        return views().stream()
                .filter(view -> view.name().equals(name))
                .mapToInt(ProcessView::pid)
                .findFirst()
                .orElse(0);
    }

    String banner() throws IOException {
        views();
        return said();
    }

    void awaitBanner(String part) throws Exception {
        await(() -> banner(), text -> text.contains(part));
    }

    void awaitApplied() throws Exception {
        await(() -> plan() + banner(), "0"::equals);
    }

    void awaitAnswer(String wanted) throws Exception {
        await(this::get, wanted::equals);
    }

    private String get() {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                    .timeout(Duration.ofSeconds(60))
                    .build();
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : "status " + answer.statusCode();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    @FunctionalInterface
    private interface Look {
        String at() throws Exception;
    }

    private void await(Look look, Predicate<String> wanted) throws Exception {
        long end = System.nanoTime() + LONGEST.toNanos();
        String seen = look.at();
        while (!wanted.test(seen) && System.nanoTime() < end) {
            Thread.sleep(20);
            seen = look.at();
        }
        assertThat(seen).as(log()).matches(wanted);
    }

    /// A daemon that is killed forgets nothing; here it is stopped without forgetting what its journals say.
    void restartDaemon() throws Exception {
        Path home = root.resolve("home");
        Path kept = root.resolve("kept");
        copy(home, kept, List.of("config-files.json", "edge.json", "journal"));
        daemon.stop();
        copy(kept, home, List.of("config-files.json", "edge.json", "journal"));
        daemon = Daemon.start(DaemonHome.take(home), Transport.wanted("auto"));
    }

    private static void copy(Path from, Path to, List<String> names) throws Exception {
        Files.createDirectories(to);
        for (String name : names) {
            if (Files.exists(from.resolve(name))) {
                Process cp = new ProcessBuilder(
                                "cp",
                                "-rT",
                                from.resolve(name).toString(),
                                to.resolve(name).toString())
                        .inheritIO()
                        .start();
                assertThat(cp.waitFor()).isZero();
            }
        }
    }

    /// Requests one after the other from a few clients, with pauses, until it is closed.
    Load load() {
        return new Load();
    }

    final class Load implements AutoCloseable {
        private final List<Thread> clients = new ArrayList<>();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final AtomicInteger count = new AtomicInteger();
        private volatile boolean over;

        private Load() {
            for (int i = 0; i < 3; i++) {
                clients.add(Thread.ofVirtual().start(this::run));
            }
        }

        private void run() {
            while (!over) {
                String answer = get();
                count.incrementAndGet();
                if (!answer.startsWith("v")) {
                    failures.add(answer);
                }
                try {
                    Thread.sleep(10);
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        int count() {
            return count.get();
        }

        List<String> failures() {
            return List.copyOf(failures);
        }

        @Override
        public void close() {
            over = true;
            try {
                for (Thread client : clients) {
                    client.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        Logger.getLogger("").removeHandler(handler);
        http.close();
        daemon.stop();
    }
}
