package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.supervisor.app.AppRecord.WorkerRecord;
import io.pm2j.supervisor.log.LogFeed;
import io.pm2j.supervisor.log.LogIntake;
import io.pm2j.supervisor.log.LogPump;
import io.pm2j.supervisor.log.LogRecord.Stream;
import io.pm2j.supervisor.log.LogShelf;
import io.pm2j.supervisor.log.LogSource;
import io.pm2j.supervisor.log.LogTargets;
import io.pm2j.supervisor.node.ClusterMember;
import io.pm2j.supervisor.node.NodeChannel;
import io.pm2j.supervisor.node.NodeMessage;
import io.pm2j.supervisor.node.Preload;
import io.pm2j.supervisor.notify.NotifyMessage;
import io.pm2j.supervisor.notify.NotifySocket;
import io.pm2j.supervisor.process.Account;
import io.pm2j.supervisor.process.Child;
import io.pm2j.supervisor.process.LaunchPlan;
import io.pm2j.supervisor.process.Launcher;
import io.pm2j.supervisor.process.ListenDetector;
import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.PrivatePorts;
import io.pm2j.supervisor.process.ProcessIdentity;
import io.pm2j.supervisor.process.ProcessTree;
import io.pm2j.supervisor.process.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts workers, and posts what becomes of them to their owner's mailbox. Shared by all owners; thread-safe.
public final class Workforce implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workforce.class);
    private static final Duration DETECT_EACH = Duration.ofMillis(20);
    /// After a program was seen to listen somewhere else than it was told, it is looked at seldom.
    private static final Duration DETECT_SELDOM = Duration.ofSeconds(1);

    private final SupervisorHome home;
    private final Feed<ProgramMessage> messages;
    private final Feed<ProcessEvent> events = new Feed<>();
    private final Path preload;
    private final Inheritance inheritance;
    private final DescriptorKeeper keeper;
    private final Poller control;
    private final Poller logs;
    private final Launcher launcher;
    private final PrivatePorts ports = new PrivatePorts();
    private final AtomicLong ids;
    private final LogShelf shelf = new LogShelf();
    private final LogIntake intake;

    private final String noHandover;
    private final List<Runnable> atGoOn = new CopyOnWriteArrayList<>();

    /// `preload` is the script that Node loads before cluster apps; `noHandover` why these cannot run, or empty. With
    /// an
    /// inheritance nothing that workers do is noticed before [#resume].
    public Workforce(
            SupervisorHome home,
            LogFeed feed,
            Feed<ProgramMessage> messages,
            Path preload,
            String noHandover,
            Inheritance inheritance,
            DescriptorKeeper keeper) {
        this.keeper = keeper;
        this.noHandover = noHandover;
        this.home = home;
        this.inheritance = inheritance;
        this.control = new Poller("control", inheritance.any());
        this.logs = new Poller("logs", inheritance.any());
        this.launcher = new Launcher(control);
        this.ids = new AtomicLong(inheritance.lastId());
        this.intake = new LogIntake(logs, shelf, feed);
        this.messages = messages;
        this.preload = preload;
        clear(home.notifySockets(), inheritance);
        if (!inheritance.any()) {
            clear(home.torn(), inheritance);
        }
    }

    /// Who has the channels of workers as well.
    DescriptorKeeper keeper() {
        return keeper;
    }

    /// Whether there is somebody.
    boolean keeps() {
        return keeper != DescriptorKeeper.NONE;
    }

    /// What happens to instances from now on.
    public Feed<ProcessEvent> events() {
        return events;
    }

    /// Says what happened between two pictures of an app.
    void happened(AppSnapshot before, AppSnapshot after) {
        ProcessEvent.between(before, after, System.currentTimeMillis()).forEach(events::publish);
    }

    /// Starts a worker of `generation` in `instance`.
    ///
    /// @throws IOException when it cannot be started; the message is a sentence for the operator
    Worker start(AppSpec spec, Instance instance, int generation, Consumer<AppEvent> mailbox) throws IOException {
        long id = ids.incrementAndGet();
        boolean cluster = spec.execMode() == ExecMode.CLUSTER;
        boolean node = spec.program().node();
        if (cluster && node && !noHandover.isEmpty()) {
            throw new IOException("cannot start " + spec.program().script() + ": " + noHandover);
        }
        OptionalInt privatePort = cluster && !node ? OptionalInt.of(ports.next()) : OptionalInt.empty();
        // The child may speak or exit before the worker below exists; what it does waits for it here.
        CompletableFuture<Worker> born = new CompletableFuture<>();
        String token = instance.takeToken();
        Optional<NotifySocket> notify = notifySocket(spec, token, born, mailbox);
        Child child;
        try {
            WorkerEnvironment.Given given = new WorkerEnvironment.Given(
                    home.root(),
                    instance.pmId,
                    instance.number,
                    privatePort,
                    cluster && node ? Optional.of(id) : Optional.empty(),
                    node || !cluster,
                    token,
                    notify.map(NotifySocket::address));
            LaunchPlan plan = new LaunchPlan(
                    CommandLine.of(spec, preload(spec)),
                    WorkerEnvironment.of(spec, given),
                    spec.cwd(),
                    given.channel(),
                    spec.process(),
                    !cluster);
            child = launcher.launch(
                    plan, status -> born.thenAccept(worker -> mailbox.accept(new AppEvent.Exited(worker, status))));
        } catch (IOException e) {
            notify.ifPresent(NotifySocket::close);
            privatePort.ifPresent(ports::release);
            throw new IOException("cannot start " + spec.program().script() + ": " + e.getMessage(), e);
        }
        try {
            Optional<NodeChannel> channel =
                    channel(new LogSource(instance.pmId, spec.name().text(), Stream.OUT), token, child, born, mailbox);
            LogPump.LastLines last = new LogPump.LastLines();
            Worker worker = new Worker(
                    id,
                    child.pid(),
                    new Worker.Birth(
                            instance.pmId,
                            generation,
                            token,
                            ProcessIdentity.of(child.pid())
                                    .map(ProcessIdentity::toString)
                                    .orElse(""),
                            System.currentTimeMillis(),
                            privatePort,
                            channel,
                            cluster ? channel.map(ClusterMember::new) : Optional.empty(),
                            notify,
                            last,
                            pumps(spec, instance.pmId, child.output(), child.errors(), last),
                            keeps()));
            begin(spec, worker, born, mailbox, false);
            return worker;
        } catch (IOException | RuntimeException e) {
            ProcessTree.signal(child.pid(), token, Signal.SIGKILL);
            notify.ifPresent(NotifySocket::close);
            privatePort.ifPresent(ports::release);
            throw new IOException("cannot follow " + spec.program().script() + ": " + e.getMessage(), e);
        }
    }

    /// Notices nothing that workers do from now on, until [#resume]; when this returns all is in
    /// the mailboxes.
    void pause() {
        control.pause();
        logs.pause();
    }

    void resume() {
        control.resume();
        logs.resume();
    }

    /// All that the program before this one left is taken up: from now on it is noticed what
    /// workers do.
    public void goOn() {
        Map<String, Integer> left = inheritance.left();
        left.keySet().forEach(keeper::release);
        if (!left.isEmpty()) {
            keeper.settle();
        }
        left.values().forEach(Posix::close);
        // Not before: the next one would go on with those channels, should this one be killed now.
        clear(home.torn(), inheritance);
        resume();
        atGoOn.forEach(Runnable::run);
        atGoOn.clear();
    }

    /// What the program before this one left.
    Inheritance inheritance() {
        return inheritance;
    }

    /// Takes over the process of a former daemon's worker, where that can be: Node's cluster
    /// workers only with their channel, which dies with a daemon that is killed, and is handed
    /// on by one that is updated. What it prints is read on; its exit is noticed.
    Optional<Worker> adopt(AppSpec spec, Instance instance, WorkerRecord record, Consumer<AppEvent> mailbox) {
        Optional<ProcessIdentity> identity = ProcessIdentity.parse(record.identity());
        Optional<AppHandover.Working> handed = inheritance.worker(record.token());
        boolean reachable =
                outlivesUs(spec) || handed.flatMap(AppHandover.Working::channel).isPresent();
        if (!reachable || identity.isEmpty()) {
            return Optional.empty();
        }
        int pid = identity.get().pid();
        CompletableFuture<Worker> born = new CompletableFuture<>();
        try {
            boolean lives = launcher.adopt(
                    identity.get(),
                    status -> born.thenAccept(worker -> mailbox.accept(new AppEvent.Exited(worker, status))));
            if (!lives) {
                return Optional.empty();
            }
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("pid {} cannot be kept", pid);
            return Optional.empty();
        }
        record.privatePort().ifPresent(ports::take);
        LogPump.LastLines last = new LogPump.LastLines();
        Optional<NodeChannel> channel = handed.flatMap(from -> inheritedChannel(spec, instance, from, born, mailbox));
        Worker worker = new Worker(
                handed.map(AppHandover.Working::id).orElseGet(ids::incrementAndGet),
                pid,
                new Worker.Birth(
                        instance.pmId,
                        record.generation(),
                        record.token(),
                        record.identity(),
                        record.startedAtMillis(),
                        record.privatePort(),
                        channel,
                        spec.execMode() == ExecMode.CLUSTER ? channel.map(ClusterMember::new) : Optional.empty(),
                        handed.flatMap(from -> inheritedNotifySocket(spec, from, born, mailbox))
                                .or(() -> notifySocket(spec, record.token(), born, mailbox)),
                        last,
                        handed.filter(_ -> !inheritance.afterKill())
                                .map(from -> inheritedPumps(spec, instance.pmId, from, last))
                                .orElseGet(() -> reopenedPumps(spec, instance.pmId, pid, last)),
                        keeps()));
        if (record.ready()) {
            worker.markReady();
        }
        handed.ifPresent(worker::goOn);
        begin(spec, worker, born, mailbox, record.ready());
        if (handed.map(AppHandover.Working::watched)
                .filter(AppHandover.Watched::clock)
                .isPresent()) {
            // Nobody is heard before: the update itself counts as a sign of life.
            atGoOn.add(() -> mailbox.accept(new AppEvent.Notified(worker, new NotifyMessage.WatchdogPing())));
        }
        return Optional.of(worker);
    }

    /// Another user may not be able to enter the home.
    private Path preload(AppSpec spec) {
        if (spec.process().user().isEmpty()) {
            return preload;
        }
        try {
            return Preload.forOthers(preload);
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("cause", e.toString()).log("no place for what other users' workers load");
            return preload;
        }
    }

    /// `served`: it was ready when the daemon before had it.
    private void begin(
            AppSpec spec, Worker worker, CompletableFuture<Worker> born, Consumer<AppEvent> mailbox, boolean served) {
        if (worker.member.isEmpty()) {
            // PM2: a process without Node's cluster runtime is online as soon as it is spawned.
            worker.markUp();
        }
        born.complete(worker);
        if (worker.privatePort.isEmpty()) {
            return;
        }
        int port = worker.privatePort.getAsInt();
        // What waits at the edge is led to it as soon as it is taken up: seen now, not a few looks later.
        Optional<Address.Tcp> at = served ? servesAt(worker, port) : Optional.empty();
        at.ifPresentOrElse(
                address -> mailbox.accept(new AppEvent.Detected(worker, address)),
                () -> detect(spec, worker, port, mailbox));
    }

    private static Optional<Address.Tcp> servesAt(Worker worker, int port) {
        List<Address.Tcp> all = new ArrayList<>(look(worker, ListenDetector::listensOf));
        all.addAll(look(worker, ListenDetector::receivesOf));
        return all.stream().filter(at -> at.port() == port).findFirst();
    }

    private Optional<NodeChannel> inheritedChannel(
            AppSpec spec,
            Instance instance,
            AppHandover.Working from,
            CompletableFuture<Worker> born,
            Consumer<AppEvent> mailbox) {
        if (from.channel().isEmpty()) {
            return Optional.empty();
        }
        LogSource source = new LogSource(instance.pmId, spec.name().text(), Stream.OUT);
        try {
            Optional<NodeChannel> channel =
                    Optional.of(channel(source, from.token(), from.channel().get(), born, mailbox));
            inheritance.isTaken(Inheritance.channelName(from.token()));
            return channel;
        } catch (IOException e) {
            throw new UncheckedIOException("the channel of a worker cannot be watched", e);
        }
    }

    private Optional<NodeChannel> channel(
            LogSource source, String token, Child child, CompletableFuture<Worker> born, Consumer<AppEvent> mailbox)
            throws IOException {
        if (child.channel() < 0) {
            return Optional.empty();
        }
        return Optional.of(channel(source, token, new NodeChannel.Left(child.channel()), born, mailbox));
    }

    private NodeChannel channel(
            LogSource source,
            String token,
            NodeChannel.Left from,
            CompletableFuture<Worker> born,
            Consumer<AppEvent> mailbox)
            throws IOException {
        keeper.keep(Inheritance.channelName(token), from.fd());
        return new NodeChannel(
                control,
                from,
                keeps() ? new KeptChannel(keeper, token, home.torn(token)) : NodeChannel.Witness.NONE,
                message -> said(source, message, born, mailbox),
                () -> born.thenAccept(worker -> mailbox.accept(new AppEvent.ChannelClosed(worker))));
    }

    /// What a program says to others goes to them at once: it may say a lot, and its owner has no use for it.
    private void said(
            LogSource source, NodeMessage message, CompletableFuture<Worker> born, Consumer<AppEvent> mailbox) {
        switch (message) {
            case NodeMessage.FromProgram(String json) ->
                messages.publish(new ProgramMessage(source.app(), source.pmId(), System.currentTimeMillis(), json));
            case NodeMessage.Housekeeping _ -> {
                // Node's own business
            }
            case NodeMessage.Online _,
                    NodeMessage.QueryServer _,
                    NodeMessage.Listening _,
                    NodeMessage.Receiving _,
                    NodeMessage.ServerClosed _,
                    NodeMessage.ExitedAfterDisconnect _,
                    NodeMessage.Ready _ ->
                born.thenAccept(worker -> mailbox.accept(new AppEvent.Said(worker, message)));
        }
    }

    /// A worker without one can do everything but sd_notify.
    private Optional<NotifySocket> notifySocket(
            AppSpec spec, String token, CompletableFuture<Worker> born, Consumer<AppEvent> mailbox) {
        Path path = home.notifySocket(token);
        Consumer<NotifyMessage> listener =
                message -> born.thenAccept(worker -> mailbox.accept(new AppEvent.Notified(worker, message)));
        try {
            Files.createDirectories(path.getParent());
            Optional<Account> other = spec.process().user().flatMap(Account::find);
            return Optional.of(
                    other.isPresent()
                            ? NotifySocket.openFor(other.get(), path, control, listener)
                            : NotifySocket.open(path, control, listener));
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("cause", e.toString()).log("no socket for sd_notify");
            return Optional.empty();
        }
    }

    private Optional<NotifySocket> inheritedNotifySocket(
            AppSpec spec, AppHandover.Working from, CompletableFuture<Worker> born, Consumer<AppEvent> mailbox) {
        if (from.watched().socket().isEmpty()) {
            return Optional.empty();
        }
        Consumer<NotifyMessage> listener =
                message -> born.thenAccept(worker -> mailbox.accept(new AppEvent.Notified(worker, message)));
        try {
            return Optional.of(NotifySocket.takeUp(
                    from.watched().socket().getAsInt(),
                    spec.process().user().flatMap(Account::find),
                    home.notifySocket(from.token()),
                    control,
                    listener));
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("cause", e.toString()).log("a socket for sd_notify is opened anew");
            return Optional.empty();
        }
    }

    private List<LogPump> pumps(AppSpec spec, int pmId, int output, int errors, LogPump.LastLines last)
            throws IOException {
        return List.of(pump(spec, pmId, Stream.OUT, output, last), pump(spec, pmId, Stream.ERR, errors, last));
    }

    private LogPump pump(AppSpec spec, int pmId, Stream stream, int pipe, LogPump.LastLines last) throws IOException {
        return pump(spec, pmId, new LogPump.Left(pipe, stream, new byte[0]), last);
    }

    private LogPump pump(AppSpec spec, int pmId, LogPump.Left from, LogPump.LastLines last) throws IOException {
        Path file = from.stream() == Stream.OUT ? home.outFile(spec, pmId) : home.errorFile(spec, pmId);
        return intake.pump(
                from,
                new LogSource(pmId, spec.name().text(), from.stream()),
                LogTargets.of(spec.logs(), file, home.combinedFile(spec, pmId)),
                last);
    }

    /// The pipes that were handed on.
    private List<LogPump> inheritedPumps(AppSpec spec, int pmId, AppHandover.Working from, LogPump.LastLines last) {
        List<LogPump> pumps = new ArrayList<>();
        for (LogPump.Left left : from.pipes()) {
            try {
                pumps.add(pump(spec, pmId, left, last));
            } catch (IOException e) {
                throw new UncheckedIOException("what a worker prints cannot be read on", e);
            }
        }
        return pumps;
    }

    /// The pipes of a process that lives, opened anew where it still has them.
    private List<LogPump> reopenedPumps(AppSpec spec, int pmId, int pid, LogPump.LastLines last) {
        List<LogPump> pumps = new ArrayList<>();
        for (Stream stream : Stream.values()) {
            Path pipe = Path.of("/proc/" + pid + "/fd/" + (stream == Stream.OUT ? 1 : 2));
            try {
                if (Files.readSymbolicLink(pipe).toString().startsWith("pipe:")) {
                    pumps.add(pump(spec, pmId, stream, Posix.openForReading(pipe), last));
                }
            } catch (IOException e) {
                LOG.atWarn()
                        .addKeyValue("pid", pid)
                        .addKeyValue("cause", e.toString())
                        .log("what it prints is lost");
            }
        }
        return pumps;
    }

    /// Makes `worker` the one that the pid file of its instance names.
    void writePidFile(AppSpec spec, Worker worker) {
        Path path = home.pidFile(spec, worker.pmId);
        try {
            Files.createDirectories(path.getParent());
            Files.writeString(path, String.valueOf(worker.pid));
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("cause", e.toString()).log("cannot write the pid file {}", path);
        }
    }

    /// Whether a former daemon's worker ran to its end by itself and is not to run twice. What ended because the system
    /// did, did not.
    boolean endedForGood(AppSpec spec, WorkerRecord record) {
        return !spec.restart().automatic()
                && outlivesUs(spec)
                && ProcessIdentity.parse(record.identity())
                        .filter(ProcessIdentity::ofThisBoot)
                        .isPresent();
    }

    /// Whether workers can do without the daemon: Node's cluster workers end with their channel to it.
    private static boolean outlivesUs(AppSpec spec) {
        return spec.execMode() != ExecMode.CLUSTER || !spec.program().node();
    }

    /// What a daemon that was killed left. Workers that are taken up get theirs anew.
    private static void clear(Path notifySockets, Inheritance inheritance) {
        try (DirectoryStream<Path> sockets = Files.newDirectoryStream(notifySockets)) {
            for (Path socket : sockets) {
                if (inheritance.worker(socket.getFileName().toString()).isEmpty()) {
                    Files.delete(socket);
                }
            }
        } catch (NoSuchFileException e) {
            // there never was one
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("cause", e.toString()).log("cannot clear {}", notifySockets);
        }
    }

    /// Forgets what belonged to a worker that has ended.
    void forget(AppSpec spec, Worker worker) {
        worker.privatePort.ifPresent(ports::release);
        Path pidFile = home.pidFile(spec, worker.pmId);
        try {
            if (Files.exists(pidFile) && Files.readString(pidFile).strip().equals(String.valueOf(worker.pid))) {
                Files.delete(pidFile);
            }
        } catch (IOException e) {
            LOG.debug("pid file {}", pidFile, e);
        }
    }

    /// The log files that are open, for flushing and for whoever rotates them from outside.
    public LogShelf shelf() {
        return shelf;
    }

    /// Whether that process's exit is waited for here.
    public boolean owns(int pid) {
        return launcher.owns(pid);
    }

    /// The logs of an instance rotate as `spec` says from now on.
    void rotateLogs(AppSpec spec, int pmId) {
        shelf.rotate(home.outFile(spec, pmId), spec.logs().rotation());
        shelf.rotate(home.errorFile(spec, pmId), spec.logs().rotation());
        home.combinedFile(spec, pmId)
                .ifPresent(path -> shelf.rotate(path, spec.logs().rotation()));
    }

    /// Where files are kept.
    public SupervisorHome home() {
        return home;
    }

    @Override
    public void close() {
        control.close();
        logs.close();
        shelf.close();
    }

    /// Looks until the worker listens where it was told to, or ends. One that listens elsewhere
    /// alone is taken at its word when most of its time to get ready is over: what opens first
    /// may be a debugger's port.
    private void detect(AppSpec spec, Worker worker, int port, Consumer<AppEvent> mailbox) {
        Duration patience = spec.ready().limit().multipliedBy(4).dividedBy(5);
        Thread.ofVirtual().name("pm2j-detect-" + worker.pid).start(() -> {
            try {
                Optional<Address.Tcp> elsewhere = Optional.empty();
                List<Address.Tcp> receives = List.of();
                while (!worker.exited()) {
                    List<Address.Tcp> listens = look(worker, ListenDetector::listensOf);
                    Optional<Address.Tcp> meant =
                            listens.stream().filter(l -> l.port() == port).findFirst();
                    if (meant.isEmpty() && listens.isEmpty()) {
                        // A server of datagrams alone; one of both is waited for as one of TCP.
                        meant = receives.stream().filter(l -> l.port() == port).findFirst();
                        receives = look(worker, ListenDetector::receivesOf);
                    }
                    if (meant.isPresent()) {
                        mailbox.accept(new AppEvent.Detected(worker, meant.get()));
                        return;
                    }
                    if (elsewhere.isEmpty() && worker.uptime().compareTo(patience) > 0) {
                        elsewhere = listens.stream().findFirst();
                        elsewhere.ifPresent(at -> mailbox.accept(new AppEvent.Detected(worker, at)));
                    }
                    Thread.sleep(elsewhere.isEmpty() ? DETECT_EACH : DETECT_SELDOM);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @FunctionalInterface
    private interface Look {
        List<Address.Tcp> at(int pid, String token) throws IOException;
    }

    /// A process may end while it is looked at.
    private static List<Address.Tcp> look(Worker worker, Look look) {
        try {
            return List.copyOf(look.at(worker.pid, worker.token));
        } catch (IOException | RuntimeException e) {
            LOG.atDebug().addKeyValue("pid", worker.pid).setCause(e).log("cannot see what the worker listens on");
            return List.of();
        }
    }
}
