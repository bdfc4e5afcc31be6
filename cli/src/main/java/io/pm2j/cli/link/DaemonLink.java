package io.pm2j.cli.link;

import io.pm2j.cli.typed.Failure;
import io.pm2j.config.read.Caller;
import io.pm2j.supervisor.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Reaches the daemon of a home, and starts it as a process of its own where none answers.
public final class DaemonLink {
    /// How long a fresh daemon may take until it answers.
    private static final long LONGEST_START_SECONDS = 20;

    /// The next program may take half of it, and its way back as long.
    private static final long LONGEST_UPDATE_SECONDS = 75;

    /// How long a daemon that died is waited for where a service manager starts it again.
    private static final long LONGEST_SERVICE_SECONDS = 15;

    private static final long POLL_MILLIS = 5;
    private static final int LAST_LINES = 5;

    /// What concerns the process in which a daemon is started by hand, and not that daemon.
    private static final List<String> OF_OTHERS = List.of(
            "PM2J_WORKER",
            "NOTIFY_SOCKET",
            "WATCHDOG_USEC",
            "WATCHDOG_PID",
            "LISTEN_PID",
            "LISTEN_FDS",
            "LISTEN_FDNAMES",
            "FDSTORE");

    private final Home home;
    /// The service manager had its time.
    private boolean givenUp;

    public DaemonLink(Home home) {
        this.home = home;
    }

    /// What was found at the home's socket.
    public sealed interface Reached {
        /// A daemon answers.
        record Daemon(ControlClient client) implements Reached {}

        /// There is no socket: no daemon was started, or it was ended in order.
        record None() implements Reached {}

        /// There is a socket, and nobody behind it: the daemon died.
        record Dead() implements Reached {}
    }

    public Path home() {
        return home.root();
    }

    /// What `set` remembers in this home.
    public SettingsFile settings() {
        return new SettingsFile(home.root().resolve("module_conf.json"));
    }

    /// Looks whether a daemon answers; starts nothing. One that becomes another program, or that
    /// died and is started again by its service manager, is waited for.
    public Reached reach() {
        return reach(true);
    }

    private Reached reach(boolean waits) {
        long startNanos = System.nanoTime();
        while (true) {
            boolean there = Files.exists(home.socket());
            if (there) {
                try {
                    return new Reached.Daemon(ControlClient.connect(home.socket()));
                } catch (IOException e) {
                    // it died, or is just becoming another program, which will answer here
                }
            }
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
            boolean updates = there && Files.exists(home.handover()) && seconds < LONGEST_UPDATE_SECONDS;
            if (!updates && !(waits && isComingBack(seconds))) {
                return there ? new Reached.Dead() : new Reached.None();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
    }

    /// A second daemon would be in the way of the one that the service manager is about to start.
    private boolean isComingBack(long seconds) {
        if (givenUp || !Files.exists(home.service())) {
            return false;
        }
        givenUp = seconds >= LONGEST_SERVICE_SECONDS;
        return !givenUp;
    }

    /// Whether a daemon answers; one that may be started again is not waited for.
    public boolean isThere() {
        if (reach(false) instanceof Reached.Daemon(ControlClient client)) {
            try (client) {
                return true;
            } catch (IOException e) {
                return false;
            }
        }
        return false;
    }

    /// Runs the daemon in this process, until this process ends; returns when it answers.
    public void startHere() throws Failure {
        home.create();
        createLog();
        OwnProcess.start(home);
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_START_SECONDS);
        while (!isThere()) {
            if (System.nanoTime() > deadlineNanos) {
                throw new Failure(
                        "the daemon does not answer after " + LONGEST_START_SECONDS + " s; see " + home.log());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
    }

    /// Whether a daemon is here, be it one that no longer answers: it takes this away last.
    public boolean hasPid() {
        return Files.exists(home.root().resolve("pm2.pid"));
    }

    /// Starts a daemon and waits until it answers.
    public ControlClient start() throws Failure {
        home.create();
        try {
            // What a dead one left there is the fresh one's to remove, under its lock: by now it may be a living one's.
            Process daemon = launch();
            long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_START_SECONDS);
            while (System.nanoTime() < deadlineNanos) {
                if (reach() instanceof Reached.Daemon(ControlClient client)) {
                    return client;
                }
                if (daemon.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    return afterEarlyEnd(daemon.exitValue());
                }
            }
        } catch (IOException e) {
            throw new Failure("cannot start the daemon: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while the daemon started");
        }
        throw new Failure("the daemon does not answer after " + LONGEST_START_SECONDS + " s; see " + home.log());
    }

    /// Another command may have started one at the same moment; then ours found the home taken.
    private ControlClient afterEarlyEnd(int code) throws Failure, IOException, InterruptedException {
        for (int i = 0; i < 1_000; i++) {
            if (reach() instanceof Reached.Daemon(ControlClient client)) {
                return client;
            }
            if (i == 200 && !Files.exists(home.root().resolve("pm2.pid"))) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        List<String> sentences = new ArrayList<>();
        sentences.add("the daemon ended with exit code " + code + " while it started; the end of " + home.log() + ":");
        List<String> log = Files.readAllLines(home.log());
        log.subList(Math.max(0, log.size() - LAST_LINES), log.size()).forEach(line -> sentences.add("  " + line));
        throw new Failure(sentences);
    }

    private void createLog() throws Failure {
        try {
            if (!Files.exists(home.log())) {
                Files.createFile(
                        home.log(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
        } catch (IOException e) {
            throw new Failure("cannot write " + home.log() + ": " + e.getMessage());
        }
    }

    /// The program that this command line starts as the daemon.
    public List<String> command() throws Failure {
        String argumentFile = System.getProperty("pm2j.daemon");
        if (argumentFile == null) {
            throw new Failure("pm2j.daemon is not set (expected: the daemon's java arguments, set by the launcher)");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // As PM2_NODE_OPTIONS are for PM2's Node. The main class comes last in the file, so these come first.
        String options = Optional.ofNullable(System.getenv("PM2J_JAVA_OPTIONS")).orElse("");
        Stream.of(options.split("\\s+")).filter(word -> !word.isEmpty()).forEach(command::add);
        command.add("@" + argumentFile);
        return command;
    }

    /// Asks a daemon that has just become another program, until that answers. What is said
    /// between the two is lost: the socket of the former one may still be there when its
    /// connections are not.
    public <T> T askSuccessor(Conversation<T> conversation) throws Failure {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_UPDATE_SECONDS);
        while (true) {
            if (reach() instanceof Reached.Daemon(ControlClient client)) {
                try (client) {
                    return conversation.with(client);
                } catch (IOException e) {
                    // it was still the former one's
                }
            }
            if (System.nanoTime() > deadlineNanos) {
                throw new Failure("the daemon does not answer " + LONGEST_UPDATE_SECONDS + " s after its update; see "
                        + home.log());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
    }

    /// What is said to a daemon.
    @FunctionalInterface
    public interface Conversation<T> {
        T with(ControlClient client) throws IOException;
    }

    private Process launch() throws IOException, Failure {
        List<String> command = command();
        createLog();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.root().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(home.log().toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(home.log().toFile()));
        builder.environment().remove(Caller.CALLER_LOCALE);
        // Typed in a worker of another daemon: this one is none of its processes.
        builder.environment().keySet().removeAll(OF_OTHERS);
        builder.environment().put("PM2J_HOME", home.root().toString());
        // One arena: the daemon's native memory is small, and arenas per thread are not.
        builder.environment().putIfAbsent("MALLOC_ARENA_MAX", "1");
        // HotSpot's own signal is another, so that SIGUSR2 is free to mean what it means to PM2.
        builder.environment().put("_JAVA_SR_SIGNUM", "40");
        return builder.start();
    }
}
