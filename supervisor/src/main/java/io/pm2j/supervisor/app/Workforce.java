package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.supervisor.log.LogFeed;
import io.pm2j.supervisor.log.LogIntake;
import io.pm2j.supervisor.log.LogPump;
import io.pm2j.supervisor.log.LogRecord.Stream;
import io.pm2j.supervisor.log.LogShelf;
import io.pm2j.supervisor.log.LogSource;
import io.pm2j.supervisor.log.LogTargets;
import io.pm2j.supervisor.node.ClusterMember;
import io.pm2j.supervisor.node.NodeChannel;
import io.pm2j.supervisor.process.Child;
import io.pm2j.supervisor.process.LaunchPlan;
import io.pm2j.supervisor.process.Launcher;
import io.pm2j.supervisor.process.ListenDetector;
import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.PrivatePorts;
import io.pm2j.supervisor.process.ProcessTree;
import io.pm2j.supervisor.process.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts workers, and posts what becomes of them to their owner's mailbox. Shared by all owners; thread-safe.
public final class Workforce implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workforce.class);
    private static final Duration DETECT_EACH = Duration.ofMillis(20);
    /// How long a program that was told PORT may listen elsewhere before that place is taken for the meant one.
    private static final Duration ELSEWHERE_AFTER = Duration.ofMillis(500);

    private final SupervisorHome home;
    private final Path preload;
    private final Poller control = new Poller("control");
    private final Poller logs = new Poller("logs");
    private final Launcher launcher = new Launcher(control);
    private final PrivatePorts ports = new PrivatePorts();
    private final AtomicInteger ids = new AtomicInteger();
    private final LogShelf shelf = new LogShelf();
    private final LogIntake intake;

    /// `preload` is the script that Node loads before cluster apps.
    public Workforce(SupervisorHome home, LogFeed feed, Path preload) {
        this.home = home;
        this.intake = new LogIntake(logs, shelf, feed);
        this.preload = preload;
    }

    /// Starts a worker of `generation` in `instance`.
    ///
    /// @throws IOException when it cannot be started; the message is a sentence for the operator
    Worker start(AppSpec spec, Instance instance, int generation, Consumer<AppEvent> mailbox) throws IOException {
        int id = ids.incrementAndGet();
        boolean cluster = spec.execMode() == ExecMode.CLUSTER;
        OptionalInt privatePort = cluster && !spec.node() ? OptionalInt.of(ports.next()) : OptionalInt.empty();
        boolean channelWanted = spec.node() || !cluster;
        LaunchPlan plan = new LaunchPlan(
                CommandLine.of(spec, preload),
                WorkerEnvironment.of(spec, home.root(), instance, privatePort, OptionalInt.of(id), channelWanted),
                spec.cwd(),
                channelWanted);
        // The child may exit before the worker below exists; its exit waits for it here.
        CompletableFuture<Worker> born = new CompletableFuture<>();
        Child child;
        try {
            child = launcher.launch(
                    plan, status -> born.thenAccept(worker -> mailbox.accept(new AppEvent.Exited(worker, status))));
        } catch (IOException e) {
            throw new IOException("cannot start " + spec.script() + ": " + e.getMessage(), e);
        }
        Worker worker;
        try {
            worker = attach(spec, instance, generation, id, privatePort, child, born, mailbox);
        } catch (IOException e) {
            ProcessTree.signal(child.pid(), Signal.SIGKILL);
            throw e;
        }
        born.complete(worker);
        if (privatePort.isPresent()) {
            detect(worker, privatePort.getAsInt(), mailbox);
        }
        return worker;
    }

    private Worker attach(
            AppSpec spec,
            Instance instance,
            int generation,
            int id,
            OptionalInt privatePort,
            Child child,
            CompletableFuture<Worker> born,
            Consumer<AppEvent> mailbox)
            throws IOException {
        LogPump.LastLines last = new LogPump.LastLines();
        String app = spec.name().text();
        LogPump output = intake.pump(
                child.output(),
                new LogSource(instance.pmId, app, Stream.OUT),
                LogTargets.of(LogSpec.DEFAULT, home.outFile(spec, instance.pmId), Optional.empty()),
                last);
        LogPump errors = intake.pump(
                child.errors(),
                new LogSource(instance.pmId, app, Stream.ERR),
                LogTargets.of(LogSpec.DEFAULT, home.errorFile(spec, instance.pmId), Optional.empty()),
                last);
        Optional<NodeChannel> channel = Optional.empty();
        if (child.channel() >= 0) {
            channel = Optional.of(new NodeChannel(
                    control,
                    child.channel(),
                    message -> born.thenAccept(worker -> mailbox.accept(new AppEvent.Said(worker, message))),
                    () -> born.thenAccept(worker -> mailbox.accept(new AppEvent.ChannelClosed(worker)))));
        }
        Optional<ClusterMember> member =
                spec.execMode() == ExecMode.CLUSTER ? channel.map(ClusterMember::new) : Optional.empty();
        return new Worker(
                id,
                instance.pmId,
                child.pid(),
                generation,
                privatePort,
                channel,
                member,
                last,
                List.of(output, errors));
    }

    /// Makes `worker` the one that the pid file of its instance names.
    void writePidFile(AppName app, Worker worker) {
        Path path = home.pidFile(app, worker.pmId);
        try {
            Files.createDirectories(path.getParent());
            Files.writeString(path, String.valueOf(worker.pid));
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("cause", e.toString()).log("cannot write the pid file {}", path);
        }
    }

    /// Forgets what belonged to a worker that has ended.
    void forget(AppName app, Worker worker) {
        worker.privatePort.ifPresent(ports::release);
        Path pidFile = home.pidFile(app, worker.pmId);
        try {
            if (Files.exists(pidFile) && Files.readString(pidFile).strip().equals(String.valueOf(worker.pid))) {
                Files.delete(pidFile);
            }
        } catch (IOException e) {
            LOG.debug("pid file {}", pidFile, e);
        }
    }

    /// Nothing is left to do: each pump gives its files back when it ends, and the last user's closes the file.
    void closeLogs(AppSpec spec, Instance instance) {
        LOG.debug("{} {} is deleted", spec.name(), instance.pmId);
    }

    SupervisorHome home() {
        return home;
    }

    @Override
    public void close() {
        control.close();
        logs.close();
        shelf.close();
    }

    /// Looks until the worker listens or ends.
    private void detect(Worker worker, int port, Consumer<AppEvent> mailbox) {
        Thread.ofVirtual().name("pm2j-detect-" + worker.pid).start(() -> {
            try {
                while (!worker.exited()) {
                    var listens = ListenDetector.listensOf(worker.pid);
                    for (var address : listens) {
                        if (address.port() == port || worker.uptime().compareTo(ELSEWHERE_AFTER) > 0) {
                            mailbox.accept(new AppEvent.Detected(worker, address));
                            return;
                        }
                    }
                    Thread.sleep(DETECT_EACH);
                }
            } catch (IOException e) {
                LOG.atWarn().addKeyValue("pid", worker.pid).setCause(e).log("cannot see what the worker listens on");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
