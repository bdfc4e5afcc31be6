package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.node.ClusterMember;
import io.pm2j.supervisor.node.NodeMessage;
import io.pm2j.supervisor.notify.NotifyMessage;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.traffic.Reach;
import io.pm2j.supervisor.traffic.TrafficGate.AddressTaken;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What an app's workers say, and what they are answered: Node's cluster words, sd_notify, and
/// the program's own messages. Confined to the app's owner.
final class Conversations {
    private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);
    private static final int EOPNOTSUPP = 95;

    private final AppName name;
    private final AppListeners listeners;
    private final EffectRunner effects;
    private final Consumer<String> listenProblem;
    private final Runnable beforeAnswer;

    /// `listenProblem` gets the sentence when an address cannot be had; `beforeAnswer` is done between granting a
    /// worker
    /// what it asked for and telling it.
    Conversations(
            AppName name,
            AppListeners listeners,
            EffectRunner effects,
            Consumer<String> listenProblem,
            Runnable beforeAnswer) {
        this.beforeAnswer = beforeAnswer;
        this.name = name;
        this.listeners = listeners;
        this.effects = effects;
        this.listenProblem = listenProblem;
    }

    /// A line on Node's channel.
    void said(Worker worker, NodeMessage message) {
        try {
            switch (message) {
                case NodeMessage.Online _ -> worker.markUp();
                case NodeMessage.Ready _ -> worker.markReady();
                case NodeMessage.QueryServer query -> listenAsked(worker, query);
                case NodeMessage.Listening(String host, int port) ->
                    listeners.meant(host, port).forEach(worker::markListening);
                case NodeMessage.Receiving(String host, String type, int index) ->
                    worker.markReceiving(host, type, index);
                case NodeMessage.ServerClosed(String key) -> worker.revoke(key);
                case NodeMessage.ExitedAfterDisconnect(long sequence) -> {
                    if (worker.member.isPresent()) {
                        worker.member.get().acknowledge(sequence);
                    }
                }
                case NodeMessage.FromProgram _, NodeMessage.Housekeeping _ -> {
                    // not for the owner
                }
            }
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("app", name)
                    .addKeyValue("pid", worker.pid)
                    .setCause(e)
                    .log("cannot answer");
        }
    }

    /// A datagram of sd_notify(3); the answer is whether the worker wants no requests any more.
    boolean notified(Worker worker, NotifyMessage message, AppSpec spec) {
        switch (message) {
            case NotifyMessage.Ready _ -> {
                worker.markReady();
                watchOver(worker, spec);
            }
            case NotifyMessage.Stopping _ -> {
                worker.withdraw();
                return true;
            }
            case NotifyMessage.Status(String text) -> worker.say(text);
            case NotifyMessage.WatchdogPing _ -> {
                worker.giveSign();
                watchOver(worker, spec);
            }
            case NotifyMessage.WatchdogInterval(Duration interval) -> {
                worker.watchEvery(interval);
                watchOver(worker, spec);
            }
            case NotifyMessage.WatchdogTrigger _ -> effects.abort(worker);
            case NotifyMessage.Reloading _, NotifyMessage.ExtendTimeout _ -> {
                // nothing here waits for these
            }
        }
        return false;
    }

    /// Starts the watchdog's clock anew.
    private void watchOver(Worker worker, AppSpec spec) {
        Duration limit = worker.watchdog().orElse(spec.restart().watchdog());
        if (!limit.isZero()) {
            effects.after(limit, new AppEvent.WatchdogDue(worker, worker.signs()));
        }
    }

    void watchdogDue(Worker worker, int signs) {
        if (!worker.exited() && worker.signs() == signs) {
            LOG.atError()
                    .addKeyValue("app", name)
                    .addKeyValue("pid", worker.pid)
                    .log("watchdog: no sign of life");
            effects.abort(worker);
        }
    }

    /// A worker of another runtime listens at its private address. Without a port of its app nothing is opened for it:
    /// only routes lead there.
    void detected(Worker worker, Address.Tcp address, AppSpec spec) {
        Optional<Address> listener = spec.port().isEmpty()
                ? Optional.of(address)
                : listeners.opened(Address.anyInterface(spec.port().getAsInt()));
        listener.ifPresent(at -> {
            worker.grant("private", at, new Reach.At(address));
            worker.markListening(at);
        });
    }

    private void listenAsked(Worker worker, NodeMessage.QueryServer query) throws IOException {
        ClusterMember member = worker.member.orElse(null);
        if (member == null) {
            return;
        }
        if (query.fd() >= 0) {
            LOG.atWarn().addKeyValue("app", name).log("listening on an inherited descriptor is not supported");
            member.refuse(query, EOPNOTSUPP);
            return;
        }
        if (query.datagram()) {
            socketAsked(worker, member, query);
            return;
        }
        try {
            Address open = listeners.open(AppListeners.wanted(query.address(), query.port()), query.index());
            if (worker.holds(open)) {
                member.refuse(query, Posix.EADDRINUSE);
                return;
            }
            String key = open + "#" + query.index();
            worker.grant(key, open, new Reach.Handed(member.handover(key)));
            beforeAnswer.run();
            member.grant(query, key, open, listeners.sharedData(open, query.data()));
        } catch (AddressTaken e) {
            listenProblem.accept(e.sentence());
            LOG.atError().addKeyValue("app", name).log(e.sentence());
            member.refuse(query, e.errno());
        }
    }

    /// Node's own primary shares UDP sockets too: without connections there is nothing to hand
    /// out.
    private void socketAsked(Worker worker, ClusterMember member, NodeMessage.QueryServer query) throws IOException {
        DatagramPlace place = new DatagramPlace(query.addressType(), query.address(), query.port(), query.index());
        try {
            int fd = listeners.datagrams().share(place, query.flags());
            worker.bind(place);
            beforeAnswer.run();
            member.grantSocket(query, place.key(), fd);
        } catch (AppDatagrams.Unbound e) {
            listenProblem.accept(e.sentence());
            LOG.atError().addKeyValue("app", name).log(e.sentence());
            member.refuse(query, e.errno());
        }
    }
}
