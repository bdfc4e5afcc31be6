package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `pm2j daemon` as a service manager runs it: `service/manager.py`, which speaks systemd's protocol, keeps what
/// it is given, and starts the daemon again when it dies.
final class ServiceUnderTest implements AutoCloseable {
    private static final Path MANAGER = Product.ROOT.resolve("examples/src/test/resources/service/manager.py");

    private final Product product;
    private final Process process;
    private final Path log;
    private final Path store;

    private ServiceUnderTest(Product product, Process process, Path log, Path store) {
        this.product = product;
        this.process = process;
        this.log = log;
        this.store = store;
    }

    /// As the unit of `startup` has it.
    static ServiceUnderTest start(Product product) throws Exception {
        return start(product, Duration.ofMillis(100));
    }

    /// Returns when the daemon has said that it serves; one that dies is started again after `pause`.
    static ServiceUnderTest start(Product product, Duration pause) throws Exception {
        Path log = product.work().resolve("manager.log");
        Path store = product.work().resolve("manager.store");
        List<String> command = new ArrayList<>(List.of("python3", MANAGER.toString(), log.toString()));
        command.addAll(List.of(store.toString(), String.valueOf(pause.toMillis() / 1_000.0)));
        command.addAll(List.of(Product.ROOT.resolve("pm2j").toString(), "daemon"));
        var builder = new ProcessBuilder(command)
                .redirectInput(new java.io.File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(product.work().resolve("manager.out").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PM2") || name.equals("PORT"));
        builder.environment().put("PM2J_HOME", product.home().toString());
        // The first run of all makes what starts the daemon fast.
        product.run("--version").succeeds();
        ServiceUnderTest service = new ServiceUnderTest(product, builder.start(), log, store);
        service.awaitReady(1);
        return service;
    }

    /// Waits until daemons have said that they serve, so many of them so far.
    void awaitReady(int count) throws Exception {
        Product.eventually("ready", () -> said("READY=1 STATUS=serving"), times -> times == count);
    }

    /// How often that line was logged.
    long said(String line) throws IOException {
        return lines().stream().filter(line::equals).count();
    }

    /// All that happened.
    List<String> lines() throws IOException {
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    /// The names of what is kept now, each as often as it is kept.
    List<String> kept() throws IOException {
        return Files.readAllLines(store).stream().sorted().toList();
    }

    /// The daemon that runs now.
    long daemon() throws IOException {
        return Outage.daemonPid(product);
    }

    /// The daemon that was started last.
    long lastStarted() throws IOException {
        return lines().stream()
                .filter(line -> line.startsWith("start "))
                .mapToLong(line -> Long.parseLong(line.split(" ")[1]))
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    /// Kills the daemon as the kernel does; the next one is being started by the time this returns.
    void killDaemon() throws Exception {
        long pid = daemon();
        long starts = starts();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        Product.eventually("started again", this::starts, now -> now > starts);
    }

    private long starts() throws IOException {
        return lines().stream().filter(line -> line.startsWith("start ")).count();
    }

    /// Asks it to end, as `systemctl stop` does.
    void stop() {
        process.destroy();
    }

    boolean over() {
        return !process.isAlive();
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(90, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("the service does not stop: " + String.join("\n", lines())
                        + Files.readString(product.work().resolve("manager.out"), UTF_8));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
