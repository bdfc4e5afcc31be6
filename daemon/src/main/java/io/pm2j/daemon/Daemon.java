package io.pm2j.daemon;

import io.pm2j.config.Address;
import io.pm2j.config.spec.DrainSpec;
import io.pm2j.daemon.admin.AdminServer;
import io.pm2j.daemon.admin.DaemonMetrics;
import io.pm2j.daemon.admin.EdgeMetrics;
import io.pm2j.daemon.control.ControlDesk;
import io.pm2j.daemon.control.DumpDesk;
import io.pm2j.daemon.control.MaintenanceDesk;
import io.pm2j.daemon.edge.EdgeDesk;
import io.pm2j.daemon.edge.EdgeJournal;
import io.pm2j.daemon.handover.Handover;
import io.pm2j.daemon.handover.HandoverFile;
import io.pm2j.daemon.handover.Successor;
import io.pm2j.daemon.handover.Turnstile;
import io.pm2j.daemon.handover.UpdateDesk;
import io.pm2j.daemon.reload.CertificateDesk;
import io.pm2j.daemon.reload.ConfigDesk;
import io.pm2j.daemon.reload.ConfigJournal;
import io.pm2j.daemon.service.KeptDescriptors;
import io.pm2j.daemon.service.KeptDescriptors.Left;
import io.pm2j.daemon.service.ServiceManager;
import io.pm2j.daemon.site.SiteJournal;
import io.pm2j.daemon.site.Sites;
import io.pm2j.daemon.traffic.AccessLogFiles;
import io.pm2j.daemon.traffic.ProxyTrafficGate;
import io.pm2j.metrics.Registry;
import io.pm2j.metrics.export.PrometheusText;
import io.pm2j.proxy.HandedEdge;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.forward.ProxyOptions;
import io.pm2j.proxy.listen.InheritedSockets;
import io.pm2j.proxy.listen.SocketKeeper;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.AppRecord;
import io.pm2j.supervisor.app.DescriptorKeeper;
import io.pm2j.supervisor.app.Inheritance;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.SupervisorHome;
import io.pm2j.supervisor.control.ControlHandler;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ControlServer;
import io.pm2j.supervisor.durable.FileJournal;
import io.pm2j.supervisor.process.Subreaper;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything that runs in the resident process, started in the order of its needs and stopped in reverse:
/// home, edge, supervisor, admin, control.
public final class Daemon {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    /// A second for a frame or an event that is under way, one for the client's Close, and one more.
    private static final Duration FAREWELL = Duration.ofSeconds(3);
    /// How long apps may take until what nobody has asked for by then is given up.
    private static final Duration LONGEST_REVIVAL = Duration.ofSeconds(60);
    private static final Duration TLS_LOOK = Duration.ofMinutes(10);

    /// Whether the daemon before this one was killed, and the machine was not.
    private boolean followsKilled;

    private final DaemonHome home;
    private final Vertx vertx;
    private final Proxy proxy;
    private final AccessLogFiles accessLogs;
    private final ProxyTrafficGate gate;
    private final Supervisor supervisor;
    private final AdminServer admin;
    private final ControlServer control;
    private final FileJournal journal;
    private final EdgeDesk edge;
    private final ConfigDesk configs;
    private final CertificateDesk certificates;
    private final Sites sites;
    private final PmIds pmIds;
    private final DumpDesk dumps;
    private final MaintenanceDesk maintenance;
    private final UpdateDesk updates;
    private final ControlHandler desk;
    private final ServiceManager service;
    private boolean stopDone;
    /// How long the edge stood still when this program took over.
    private volatile long waitedMillis;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Daemon(DaemonHome home, Transport transport, ServiceManager service, Left left, Optional<Handover> handed)
            throws IOException {
        this.home = home;
        this.service = service;
        KeptDescriptors kept = new KeptDescriptors(service);
        boolean keeps = service.present() && transport.adopts();
        this.vertx = transport.vertx(new VertxOptions()
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false))
                .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors()));
        this.proxy = Proxy.start(
                vertx,
                ProxyOptions.defaults(),
                handed.map(Daemon::sockets).orElseGet(left::sockets),
                keeps ? kept : SocketKeeper.NONE);
        PmIds pmIds = new PmIds();
        SupervisorHome places = new SupervisorHome(home.root());
        this.accessLogs = new AccessLogFiles(places.logs(), proxy::openAccessLog);
        this.journal = new FileJournal(places.journal());
        proxy.stickBy(SessionSecret.of(home.root()));
        this.gate = new ProxyTrafficGate(proxy);
        TicketSecrets tickets = new TicketSecrets(home.root(), proxy.tls(), InstantSource.system());
        this.edge = new EdgeDesk(
                vertx, proxy, gate, accessLogs, new EdgeJournal(home.root().resolve("edge.json")));
        this.maintenance = new MaintenanceDesk(gate::close, home.root().resolve("maintenance.json"));
        this.supervisor = new Supervisor(
                places,
                gate,
                journal,
                pmIds,
                handed.map(h -> new Inheritance(h.apps())).orElseGet(() -> inherited(places, left)),
                keeps ? kept : DescriptorKeeper.NONE);
        this.sites = new Sites(proxy, new SiteJournal(home.root().resolve("sites.json")), pmIds);
        this.pmIds = pmIds;
        this.configs = new ConfigDesk(
                vertx, supervisor, edge, new ConfigJournal(home.root().resolve("config-files.json")), this::autosave);
        this.certificates = new CertificateDesk(vertx, edge);
        // What is believed, and what opens a ticket, changes with time alone.
        vertx.setPeriodic(
                TLS_LOOK.toMillis(),
                _ -> Thread.ofVirtual().start(() -> {
                    tickets.turn();
                    edge.renew();
                }));
        this.dumps = new DumpDesk(supervisor, sites, edge, configs, pmIds, home.root());
        pmIds.beginAgainWhen(() -> supervisor.apps().isEmpty() && sites.views().isEmpty());
        Registry registry = new Registry();
        this.admin = new AdminServer(vertx, () -> everything(sites), () -> PrometheusText.of(registry));
        DaemonMetrics.register(registry, () -> everything(sites), supervisor.logs()::lostLines);
        EdgeMetrics.register(registry, proxy, accessLogs::lost);
        registry.collect(configs::tell);
        registry.collect(edge::tell);
        ControlDesk orders = new ControlDesk(
                supervisor,
                sites,
                admin,
                edge,
                configs,
                dumps,
                maintenance,
                accessLogs,
                home.log(),
                () -> everything(sites),
                pmIds::settle,
                this::stop,
                stopped::countDown);
        this.updates = new UpdateDesk(
                home.root(),
                transport,
                proxy,
                edge,
                supervisor,
                accessLogs,
                admin::port,
                handed.map(Handover::incarnation).orElse(0));
        this.desk =
                new Turnstile(orders, updates, () -> handed.map(this::outcome).orElse(Turnstile.Outcome.NONE));
        this.control = new ControlServer(home.socket(), desk);
    }

    /// Before anything runs; what is wrong with the records is told when they are taken up.
    private Inheritance inherited(SupervisorHome places, Left left) {
        return left.any() ? Inheritance.afterKill(places, journal.all(_ -> {}), left.workers()) : Inheritance.NONE;
    }

    private static InheritedSockets sockets(Handover handed) {
        return new InheritedSockets(
                handed.edge().doors().stream().map(HandedEdge.Door::opened).toList(),
                handed.edge().datagrams());
    }

    /// What the command line is told that asked for an update.
    private Turnstile.Outcome outcome(Handover handed) {
        if (!handed.failed().isEmpty()) {
            return new Turnstile.Outcome(false, List.of("not updated, the former daemon goes on: " + handed.failed()));
        }
        int clients = handed.edge().clients();
        return new Turnstile.Outcome(
                true,
                List.of("pm2j daemon updated in place: " + handed.workers() + " workers, "
                        + handed.edge().doors().size() + " listeners and " + clients
                        + " connections kept; requests waited for " + waitedMillis + " ms"));
    }

    /// Takes over what another program of this process has handed over; throws before anything
    /// was accepted or read.
    static Daemon takeOver(DaemonHome home, Transport transport, ServiceManager service, Successor successor)
            throws IOException {
        Subreaper.become();
        Handover handed = successor.handover();
        Daemon daemon = new Daemon(home, transport, service, Left.none(), Optional.of(handed));
        List<CompletableFuture<Boolean>> _ = daemon.revive();
        List<Address> missing = daemon.proxy.missing(handed.edge());
        // On the way back there is no other way: what can be served is.
        if (handed.failed().isEmpty() && !missing.isEmpty()) {
            throw new IOException("nobody listens at "
                    + missing.stream().map(Address::toString).collect(Collectors.joining(", "))
                    + " any more (see " + home.log() + ")");
        }
        if (!successor.ready()) {
            throw new IOException("too late");
        }
        daemon.supervisor.goOn();
        daemon.proxy.goOn(handed.edge());
        daemon.waitedMillis = System.currentTimeMillis() - handed.sinceMillis();
        daemon.control.start();
        LOG.info(
                "pm2j daemon took over, pid {}, incarnation {}, requests waited for {} ms",
                ProcessHandle.current().pid(),
                handed.incarnation(),
                daemon.waitedMillis);
        daemon.reopenAdmin(handed.adminPort());
        return daemon;
    }

    private void reopenAdmin(int port) {
        if (port == 0) {
            return;
        }
        try {
            int _ = admin.open(port);
        } catch (IOException e) {
            LOG.error("the web interface is closed: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// As [#start(DaemonHome, Transport, ServiceManager)], by hand.
    static Daemon start(DaemonHome home, Transport transport) throws IOException {
        return start(home, transport, ServiceManager.NONE);
    }

    /// Starts everything, and goes on with what the daemon before this one left, which was killed:
    /// in the home, and with the service manager.
    static Daemon start(DaemonHome home, Transport transport, ServiceManager service) throws IOException {
        Subreaper.become();
        HandoverFile.of(home.root()).delete();
        Left left = left(service, transport);
        // What is left is taken by those who go on with it: asked now, not then.
        boolean goesOn = left.any();
        home.startsAgain(service.present());
        Daemon daemon = new Daemon(home, transport, service, left, Optional.empty());
        List<CompletableFuture<Boolean>> starts = daemon.revive();
        if (goesOn) {
            daemon.goOn(starts);
        }
        daemon.control.start();
        LOG.info(
                "pm2j daemon is up, pid {}, home {}, transport {}",
                ProcessHandle.current().pid(),
                home.root(),
                transport);
        if (!transport.adopts()) {
            LOG.warn("Node apps in cluster mode need transport epoll: with {} they are not started", transport);
        }
        return daemon;
    }

    private static Left left(ServiceManager service, Transport transport) {
        if (!service.present()) {
            return Left.none();
        }
        KeptDescriptors kept = new KeptDescriptors(service);
        List<ServiceManager.Handed> handed = ServiceManager.handed(System.getenv());
        if (!handed.isEmpty() && !transport.adopts()) {
            LOG.warn("what the service manager has kept needs transport epoll: with {} it is closed", transport);
            kept.refuse(handed);
            return Left.none();
        }
        return kept.sort(handed);
    }

    /// What could be taken up at once is; listeners of apps that are still being started may be taken
    /// up by those.
    private void goOn(List<CompletableFuture<Boolean>> starts) {
        supervisor.goOn();
        proxy.goOn();
        Thread.ofVirtual().name("pm2j-left").start(() -> {
            CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new))
                    .orTimeout(LONGEST_REVIVAL.toMillis(), TimeUnit.MILLISECONDS)
                    .handle((_, _) -> true)
                    .join();
            proxy.closeLeft();
        });
    }

    /// Starts what was saved and is not in the list, unless this daemon goes on where one was killed: then the
    /// list is as it was. Says that it serves.
    ///
    /// @param saved whether there is to be something at all
    void serve(boolean saved) throws InterruptedException {
        if (saved && !followsKilled && Files.exists(home.root().resolve("dump.pm2"))) {
            CountDownLatch restored = new CountDownLatch(1);
            Thread.ofVirtual().name("pm2j-resurrect").start(() -> {
                try {
                    desk.handle(new ControlRequest.Resurrect(), Daemon::log);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (Exception e) {
                    LOG.atError().setCause(e).log("what was saved could not be restored");
                } finally {
                    restored.countDown();
                }
            });
            boolean inTime = restored.await(LONGEST_REVIVAL.toMillis(), TimeUnit.MILLISECONDS);
            if (!inTime) {
                LOG.warn("what was saved takes longer than {} to be there", LONGEST_REVIVAL);
            }
        }
        service.ready();
    }

    private static void log(ControlReply reply) {
        if (reply instanceof ControlReply.Note(ControlReply.Level level, String text)) {
            switch (level) {
                case INFO -> LOG.info(text);
                case WARN -> LOG.warn(text);
                case ERROR -> LOG.error(text);
            }
        }
    }

    /// Takes up what a daemon that was killed has left. Apps come up while commands are answered already.
    ///
    /// @return the starts of those, which end later
    private List<CompletableFuture<Boolean>> revive() throws IOException {
        Progress told = Progress.logging(LOG);
        List<CompletableFuture<Boolean>> starts = new ArrayList<>();
        List<AppRecord> records = journal.all(told::warn);
        followsKilled = records.stream().anyMatch(AppRecord::ranInThisBoot);
        for (AppRecord record : records) {
            record.instances().forEach(instance -> pmIds.beyond(instance.pmId()));
        }
        maintenance.revive(told::warn);
        try {
            edge.revive(told::warn);
            for (AppRecord record : AppRecord.ordered(records)) {
                LOG.info("App [{}] is known from before", record.spec().name());
                supervisor.revive(record, told).ifPresent(starts::add);
            }
            sites.revive(told::warn);
            configs.revive(told::warn);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sites.views().forEach(site -> pmIds.beyond(site.pmId()));
        return starts;
    }

    private void autosave() {
        dumps.afterChange(Progress.logging(LOG));
    }

    /// Stops everything because the system wants it, and remembers what ran. PM2: SIGTERM.
    void saveAndStop() {
        updates.end();
        synchronized (this) {
            if (!stopDone) {
                dumps.beforeEnd(Progress.logging(LOG));
            }
        }
        stop();
    }

    /// PM2: SIGUSR2, after another program has renamed log files.
    void reopenLogs() {
        LOG.info("Reloading all logs...");
        supervisor.logs().reopenAll();
        accessLogs.reopen();
    }

    /// Apps and sites, by name and id.
    private List<ProcessView> everything(Sites sites) {
        List<ProcessView> views = new ArrayList<>();
        supervisor.processes().forEach(view -> views.add(maintenance.told(view)));
        views.addAll(sites.views());
        views.sort(Comparator.comparing(ProcessView::name).thenComparing(ProcessView::pmId));
        return views;
    }

    /// Stops everything: nothing more is accepted, what is in flight is answered (each app's `drain_timeout`, the
    /// longest counts), streams are told to come back, then the apps stop, then the edge. Only the first call acts.
    void stop() {
        updates.end();
        stopOnce();
    }

    private synchronized void stopOnce() {
        if (stopDone) {
            return;
        }
        stopDone = true;
        LOG.info("pm2j daemon is stopping");
        service.stopping();
        step("config files", configs::forgetAll);
        step("certificates", certificates::close);
        Duration patience = supervisor.apps().stream()
                .map(app -> app.spec().rollout().drain().requests())
                .reduce((one, other) -> one.compareTo(other) > 0 ? one : other)
                // Without an app there are servers outside and files all the same.
                .orElse(DrainSpec.DEFAULT.requests());
        step("traffic", () -> gate.shut(patience));
        step("streams", this::endStreams);
        step("supervisor", supervisor::close);
        step("routes", edge::forgetAll);
        step("sites", sites::forgetAll);
        step("edge", proxy::close);
        step("access logs", accessLogs::close);
        step("admin", admin::close);
        step("event loops", () -> vertx.close().await(5, TimeUnit.SECONDS));
        step("control", control::close);
        step("home", home::close);
    }

    private void endStreams() throws InterruptedException {
        int left = proxy.endStreams(FAREWELL);
        if (left > 0) {
            LOG.warn("{} streams are cut off: they did not end within {} s", left, FAREWELL.toSeconds());
        }
    }

    /// Waits until somebody has had it stopped and answered.
    void awaitKilled() throws InterruptedException {
        stopped.await();
    }

    /// One part that does not stop must not keep the others from it.
    private static void step(String part, Step step) {
        try {
            step.run();
        } catch (Exception e) {
            LOG.atWarn().setCause(e).log("stopping the {} failed", part);
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }
}
