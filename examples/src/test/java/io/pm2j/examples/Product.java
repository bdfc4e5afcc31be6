package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The product in a fresh home: runs `./pm2j` as a child, and afterwards kills the daemon and fails the test when a
/// process, a socket file or a listening port is left over.
///
/// Its daemons live for seconds, for which the second compiler costs more than it gives; those under load are as
/// shipped.
final class Product implements BeforeEachCallback, AfterEachCallback {
    static final Path ROOT =
            Path.of(System.getProperty("pm2j.root", "..")).toAbsolutePath().normalize();

    private static final Path TARGET = ROOT.resolve("examples/target");
    private static final Path APPS = ROOT.resolve("examples/src/test/resources/apps");
    /// Long enough for a JVM and a few programs to start where others have the processors.
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LONGEST_COMMAND_SECONDS = 180;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PORTS = 2_000;
    private static final int FIRST_PORT = 20_000 + PORTS * (Integer.getInteger("surefire.forkNumber", 1) - 1) % 12_000;
    /// Not at the same place as another build on this machine.
    private static final AtomicInteger NEXT_PORT = new AtomicInteger(new Random().nextInt(PORTS));

    static final String SHORT_LIVED = System.getProperty("pm2j.compilers", "-XX:TieredStopAtLevel=1");

    private final Map<String, String> always;
    private final Set<Integer> ports = new HashSet<>();
    private final Map<String, String> environment = new HashMap<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Path place = TARGET;
    private Path home = TARGET;
    private Path work = TARGET;

    Product() {
        this(Map.of("PM2J_JAVA_OPTIONS", SHORT_LIVED));
    }

    private Product(Map<String, String> always) {
        this.always = always;
    }

    /// For what is measured or loaded: the daemon has its own options alone.
    static Product asShipped() {
        return new Product(Map.of());
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        Files.createDirectories(TARGET.resolve("homes"));
        place = Files.createTempDirectory(TARGET.resolve("homes"), "h");
        home = Files.createDirectory(place.resolve("home"));
        work = Files.createDirectory(place.resolve("work"));
        environment.clear();
        environment.putAll(always);
        ports.clear();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        List<String> left = new ArrayList<>();
        if (!Processes.of(place).isEmpty() && !Asked.toEnd(home)) {
            run("kill");
        }
        try {
            eventually("no process is left", () -> Processes.of(place), List::isEmpty);
        } catch (AssertionError e) {
            for (long pid : Processes.of(place)) {
                left.add("process " + Processes.describe(pid));
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        try (var files = Files.walk(place)) {
            files.filter(Product::isSocket).forEach(file -> left.add("socket " + file));
        }
        ports.stream().filter(Product::listens).forEach(port -> left.add("listening port " + port));
        http.shutdownNow();
        assertThat(left).as("left behind").isEmpty();
    }

    Path home() {
        return home;
    }

    /// Where commands are run.
    Path work() {
        return work;
    }

    /// Sets a variable for the commands that follow.
    Product with(String name, Object value) {
        environment.put(name, value.toString());
        return this;
    }

    /// A copy of the fixture folder of a situation, in [#work].
    Path app(String situation) throws IOException {
        Path from = APPS.resolve(situation);
        Path to = work.resolve(situation);
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }

    /// Writes a file in [#work]; its folders are made.
    Path write(String file, String text) throws IOException {
        Path path = work.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }

    /// Writes `ecosystem.config.js` with these apps, each the inside of an object literal.
    void ecosystem(String... apps) throws IOException {
        write("ecosystem.config.js", "module.exports = { apps: [{" + String.join("}, {", apps) + "}] }\n");
    }

    /// A port that nobody listens on, and that nobody may listen on after the test. None of those that the kernel
    /// gives to connections, nor of those that other test classes at the same time take.
    int freePort() {
        while (true) {
            int port = FIRST_PORT + NEXT_PORT.getAndIncrement() % PORTS;
            try (var socket = new ServerSocket(port)) {
                ports.add(socket.getLocalPort());
                return port;
            } catch (IOException e) {
                // somebody else's
            }
        }
    }

    Ran run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(ROOT.resolve("pm2j").toString());
        command.addAll(List.of(arguments));
        return command(command);
    }

    Ran command(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(place, "out", ".txt");
        Path err = Files.createTempFile(place, "err", ".txt");
        var builder = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectInput(new java.io.File("/dev/null"))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PM2") || name.equals("PORT"));
        builder.environment().put("PM2J_HOME", home.toString());
        builder.environment().put("NO_COLOR", "1");
        // What is not about this limit is not to meet it.
        builder.environment().put("PM2_GRACEFUL_LISTEN_TIMEOUT", String.valueOf(PATIENCE.toMillis()));
        builder.environment().putAll(environment);
        Process child = builder.start();
        if (!child.waitFor(LONGEST_COMMAND_SECONDS, TimeUnit.SECONDS)) {
            child.destroyForcibly().waitFor();
            throw new AssertionError(command + " took more than " + LONGEST_COMMAND_SECONDS + " s: "
                    + Files.readString(out) + Files.readString(err));
        }
        return new Ran(
                String.join(" ", command.subList(0, command.size())).replace(ROOT + "/", ""),
                child.exitValue(),
                Files.readString(out),
                Files.readString(err));
    }

    /// `start app.js -i 2` of a situation, on a fresh port that answers HTTP by the time this returns.
    int start(String situation, String... more) throws Exception {
        app(situation);
        int port = freePort();
        with("PORT", port);
        var arguments = new ArrayList<>(List.of("start", situation + "/app.js", "--name", situation, "-i", "2"));
        arguments.addAll(List.of(more));
        run(arguments.toArray(String[]::new)).succeeds();
        eventually("port " + port + " answers", () -> status(port, "/"), status -> status == 200);
        return port;
    }

    /// What `jlist` prints; asked for without a program's start where that is the same.
    JsonNode jlist() throws IOException, InterruptedException {
        if (!environment.containsKey("PM2J_HOME")) {
            Optional<JsonNode> list = Asked.listOfPm2j(home);
            if (list.isPresent()) {
                return list.get();
            }
        }
        return JSON.readTree(run("jlist").succeeds().out());
    }

    /// What `jlist` says of the processes of one app.
    List<JsonNode> processes(String name) throws IOException, InterruptedException {
        var found = new ArrayList<JsonNode>();
        for (JsonNode process : jlist()) {
            if (process.path("name").asText().equals(name)) {
                found.add(process);
            }
        }
        return found;
    }

    List<Long> pids(String name) throws IOException, InterruptedException {
        return processes(name).stream()
                .map(process -> process.path("pid").asLong())
                .filter(pid -> pid > 0)
                .sorted()
                .toList();
    }

    List<String> statuses(String name) throws IOException, InterruptedException {
        return processes(name).stream()
                .map(process -> process.path("pm2_env").path("status").asText())
                .toList();
    }

    /// A number that `jlist` gives of each process of an app, such as `restart_time`.
    List<Integer> numbers(String name, String field) throws IOException, InterruptedException {
        return processes(name).stream()
                .map(process -> process.path("pm2_env").path(field).asInt(-1))
                .toList();
    }

    /// A log file of this home; nothing when there is none.
    String log(String file) throws IOException {
        Path path = home.resolve("logs").resolve(file);
        return Files.exists(path) ? Files.readString(path) : "";
    }

    HttpResponse<String> get(int port, String path, String... headers) throws IOException, InterruptedException {
        return send("GET", port, path, headers);
    }

    HttpResponse<String> send(String method, int port, String path, String... headers)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE)
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> post(int port, String path, String json) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        return http.send(request.build(), BodyHandlers.ofString());
    }

    JsonNode json(int port) throws IOException, InterruptedException {
        return JSON.readTree(get(port, "/").body());
    }

    /// The status of a GET, 0 when there is no answer.
    int status(int port, String path) throws InterruptedException {
        try {
            return get(port, path).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    void answers(int port) throws Exception {
        eventually("port " + port + " answers", () -> status(port, "/"), status -> status == 200);
    }

    /// Waits until each of two instances has answered with a body of its own: a start may be over when one of them
    /// still boots.
    void bothAnswer(int port) throws Exception {
        eventually("both answer", () -> bodies(port, 20).size(), size -> size == 2);
    }

    /// Every distinct body that `count` GETs bring, each on a connection of its own.
    Set<String> bodies(int port, int count) throws IOException {
        var bodies = new HashSet<String>();
        for (int i = 0; i < count; i++) {
            var connection =
                    URI.create("http://127.0.0.1:" + port + "/").toURL().openConnection();
            connection.setRequestProperty("Connection", "close");
            connection.setReadTimeout((int) PATIENCE.toMillis());
            try (var body = connection.getInputStream()) {
                bodies.add(new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return bodies;
    }

    /// Looks until it is as wanted, or fails after a while with what was seen last.
    static <T> T eventually(String what, Callable<T> look, Predicate<T> wanted) throws Exception {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            T seen = look.call();
            if (wanted.test(seen)) {
                return seen;
            }
            if (System.nanoTime() > deadlineNanos) {
                throw new AssertionError(what + ": not within " + PATIENCE + ", last seen: " + seen);
            }
            Thread.sleep(50);
        }
    }

    static boolean listens(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isSocket(Path file) {
        try {
            return Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class)
                    .isOther();
        } catch (IOException e) {
            return false;
        }
    }
}
