package io.pm2j.daemon.handover;

import io.pm2j.daemon.edge.EdgeDesk;
import io.pm2j.daemon.traffic.AccessLogFiles;
import io.pm2j.proxy.HandedEdge;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.Standstill;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.Stillness;
import io.pm2j.supervisor.process.Succession;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The daemon becomes another program in place: same process, same workers, same sockets.
///
/// ```
/// rehearse ─► apps settled? ─► calm? ─► edge rests ─► apps stand still ─► loops stop ─► become the next
///    └────────────┴──────────────┴───────────┴──────────────┴─► no: all goes on as it was, and why
/// ```
public final class UpdateDesk {
    private static final Logger LOG = LoggerFactory.getLogger(UpdateDesk.class);
    private static final Duration LAST_LOOK = Duration.ofSeconds(2);
    /// As long as a client thinks between two requests; who comes back later is met at rest.
    private static final Duration LEAVING = Duration.ofSeconds(15);
    private static final Duration LONGEST_WRITE = Duration.ofSeconds(2);

    private final Path home;
    private final Transport transport;
    private final Proxy proxy;
    private final Supervisor supervisor;
    private final AccessLogFiles accessLogs;
    private final IntSupplier adminPort;
    private final EdgeDesk edgeDesk;
    private final int incarnation;
    private volatile boolean ended;

    /// `incarnation` is that of this program; `adminPort` tells where the web interface is open,
    /// 0 for nowhere.
    public UpdateDesk(
            Path home,
            Transport transport,
            Proxy proxy,
            EdgeDesk edgeDesk,
            Supervisor supervisor,
            AccessLogFiles accessLogs,
            IntSupplier adminPort,
            int incarnation) {
        this.home = home;
        this.transport = transport;
        this.proxy = proxy;
        this.edgeDesk = edgeDesk;
        this.supervisor = supervisor;
        this.accessLogs = accessLogs;
        this.adminPort = adminPort;
        this.incarnation = incarnation;
    }

    /// Whether this daemon can be updated in place at all; why not otherwise.
    Optional<String> hindrance() {
        if (!transport.adopts()) {
            return Optional.of("transport " + transport + " cannot hand its connections over");
        }
        if (System.getProperty("pm2j.home") != null) {
            return Optional.of("this daemon runs in the process of its command line");
        }
        return Optional.empty();
    }

    /// The daemon stops: it becomes nothing else any more.
    public void end() {
        ended = true;
    }

    /// Becomes `command`; `drain` is how long what is under way may take, and `force` ends what
    /// takes longer. While what is under way is waited for, it can become `unwanted`.
    ///
    /// Slow answers are waited for twice: while everything goes on, for a moment without one; and,
    /// when there was none in that time, at rest.
    ///
    /// @return only when it was not done; the reason was told to `progress`
    boolean update(List<String> command, Duration drain, boolean force, Progress progress, BooleanSupplier unwanted)
            throws InterruptedException, IOException {
        BooleanSupplier off = () -> ended || unwanted.getAsBoolean();
        Optional<String> objection = rehearse(command);
        if (objection.isPresent()) {
            progress.error("not updated: " + objection.get());
            return false;
        }
        Stillness trial = supervisor.standStill(drain);
        trial.end();
        if (objects(trial, progress)) {
            return false;
        }
        boolean _ = proxy.awaitCalm(drain, off);
        if (calledOff(off, progress)) {
            return false;
        }
        return edgeDesk.unchanged(() -> comeToRest(command, drain, force, progress, off));
    }

    private boolean comeToRest(
            List<String> command, Duration drain, boolean force, Progress progress, BooleanSupplier off)
            throws InterruptedException, IOException {
        proxy.leave(LEAVING, off);
        long sinceMillis = System.currentTimeMillis();
        Standstill edge = proxy.standStill();
        try {
            return rests(edge, drain, force, progress, off)
                    && !calledOff(off, progress)
                    && handOver(command, edge, sinceMillis, progress);
        } finally {
            edge.goOn();
        }
    }

    private boolean calledOff(BooleanSupplier off, Progress progress) {
        if (!off.getAsBoolean()) {
            return false;
        }
        String why = ended ? "the daemon stops" : "its command line has gone";
        LOG.warn("not updated: {}", why);
        progress.error("not updated: " + why);
        return true;
    }

    private Optional<String> rehearse(List<String> command) throws InterruptedException, IOException {
        if (command.isEmpty() || !Succession.mayRun(Path.of(command.getFirst()))) {
            return Optional.of("no program to become (given: " + command + ")");
        }
        HandoverFile trial = HandoverFile.of(home).trial();
        try {
            trial.write(new Handover(incarnation, CommandLine.own(), "", 0, 0, -1, List.of(), HandedEdge.NOTHING));
            return Rehearsal.objection(command, trial);
        } finally {
            trial.delete();
        }
    }

    private static boolean objects(Stillness still, Progress progress) {
        still.objections().forEach(why -> progress.error("not updated: " + why));
        return !still.objections().isEmpty();
    }

    private static boolean rests(Standstill edge, Duration drain, boolean force, Progress progress, BooleanSupplier off)
            throws InterruptedException {
        int busy = edge.awaitIdle(drain, off);
        if (off.getAsBoolean()) {
            return true;
        }
        if (busy > 0 && force) {
            progress.warn(busy + (busy == 1 ? " request was" : " requests were") + " cut off");
            edge.cutBusy();
            busy = edge.awaitIdle(LAST_LOOK, off);
        }
        if (busy > 0) {
            progress.error(
                    "not updated: " + busy + (busy == 1 ? " request is" : " requests are") + " still under way after "
                            + drain.toMillis() + " ms (--drain waits longer, --force cuts them off)");
        }
        return busy == 0;
    }

    private boolean handOver(List<String> command, Standstill edge, long sinceMillis, Progress progress)
            throws InterruptedException, IOException {
        Stillness apps = supervisor.standStill(LAST_LOOK);
        if (objects(apps, progress)) {
            return false;
        }
        try {
            Optional<HandedEdge> handed = edge.freeze(accessLogs::flush);
            if (handed.isEmpty()) {
                progress.error("not updated: a connection has something under way again");
                return false;
            }
            if (!accessLogs.awaitWritten(LONGEST_WRITE)) {
                progress.error("not updated: an access log takes too long to be written");
                return false;
            }
            Handover handover = new Handover(
                    incarnation + 1,
                    CommandLine.own(),
                    "",
                    sinceMillis,
                    adminPort.getAsInt(),
                    Succession.descriptorOf(home.resolve("pm2j.lock")).orElse(-1),
                    apps.apps(),
                    handed.get());
            LOG.info("pm2j daemon becomes {}", command);
            becomeOnAPlatformThread(command, handover, progress);
            return false;
        } finally {
            apps.end();
        }
    }

    /// A virtual thread may move from carrier to carrier while it changes what belongs to its
    /// thread.
    private void becomeOnAPlatformThread(List<String> command, Handover handover, Progress progress) {
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        Thread _ = Thread.ofPlatform().name("pm2j-succession").start(() -> {
            try {
                Successor.become(HandoverFile.of(home), handover, command, () -> ended);
            } catch (IOException | RuntimeException e) {
                LOG.atError().setCause(e).log("cannot become the next daemon");
                progress.error("not updated: " + e.getMessage());
            } finally {
                over.complete(true);
            }
        });
        boolean _ = over.join();
    }
}
