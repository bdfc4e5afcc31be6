package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.pm2j.config.spec.edge.RetrySpec;
import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.proxy.upstream.Waiter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// How the exchange at hand gets to an endpoint: choosing, connecting, waiting, sending, and doing so again.
///
/// Of one client connection, and used on its loop alone. It holds the exchange's upstream connection, or
/// one opened on speculation before the client has said anything.
final class Dispatch implements Waiter {
    /// How long connects are tried again while nothing has been written.
    private static final long PATIENCE_MS = 1_000;
    /// Methods that must not be sent twice only go where a stale connection is next to impossible.
    private static final long FRESH_MS = 750;

    private final ClientConnection client;
    private final Loop loop;
    private final Exchange exchange;
    private final RequestBody body;
    private String peer = "";
    private @Nullable UpstreamConnection upstream;
    /// The same request at another endpoint, because the first takes long.
    private @Nullable UpstreamConnection second;
    /// When there is to be a second.
    private long hedgeAtMs = Timed.NEVER;

    private @Nullable UpstreamConnection speculative;
    /// Idle, begun with this client's name and used for no other.
    private @Nullable UpstreamConnection ownIdle;
    /// Whose endpoint that is.
    private @Nullable Upstream ownOf;

    private boolean waiting;
    /// The hold deadline of this exchange runs.
    private boolean beenHeld;
    /// To be tried again at the next look.
    private boolean later;
    private boolean failedAtOnce;

    Dispatch(ClientConnection client, Exchange exchange, RequestBody body) {
        this.client = client;
        this.loop = client.loop;
        this.exchange = exchange;
        this.body = body;
    }

    /// Who the client is, as a dialer is told.
    void peer(String address) {
        peer = address;
    }

    @Nullable
    UpstreamConnection upstream() {
        return upstream;
    }

    boolean connected() {
        UpstreamConnection to = upstream;
        return to != null && to.ready();
    }

    /// Whether the endpoint takes more of the request at the moment.
    boolean takesMore() {
        UpstreamConnection to = upstream;
        return to != null && to.ready() && to.writable();
    }

    /// A step of the exchange has begun: its waiting, if any, is over.
    void begun() {
        beenHeld = false;
    }

    /// The exchange has no connection any more, and wants none.
    void over() {
        upstream = null;
        later = false;
        dropSecond();
    }

    /// Closes what there is.
    void cancel() {
        UpstreamConnection serving = upstream;
        upstream = null;
        later = false;
        dropSecond();
        if (serving != null) {
            serving.abandon();
        }
        dropSpeculative();
    }

    // ---- before anything is known -------------------------------------------------------------------

    /// Opens a connection before the client has said anything: its server may be the one who begins.
    void speculate(Upstream from) {
        if (speculative != null) {
            return;
        }
        Endpoint endpoint = from.claim(loop.index, null);
        if (endpoint == null) {
            return;
        }
        try {
            speculative = UpstreamConnection.open(loop, endpoint, client, peer, loop.limits.steps());
        } catch (IOException | RuntimeException e) {
            endpoint.release(loop.index);
        }
    }

    /// Keeps what was opened on speculation only while it may be of use: it must not keep a retired
    /// endpoint from becoming idle.
    void stopSpeculating(boolean http) {
        UpstreamConnection early = speculative;
        if (early != null && (http || !early.endpoint.admitted())) {
            dropSpeculative();
        }
    }

    void speculativeLost(UpstreamConnection lost) {
        if (speculative == lost) {
            speculative = null;
        }
    }

    /// Its server has begun to speak; false when that is of no use any more.
    boolean takeSpeculative(UpstreamConnection from) {
        if (speculative != from) {
            from.abandon();
            return false;
        }
        speculative = null;
        return true;
    }

    private void dropSpeculative() {
        UpstreamConnection unused = speculative;
        speculative = null;
        if (unused != null) {
            unused.abandon();
        }
    }

    // ---- connections of this client alone ---------------------------------------------------------------

    /// Keeps an idle connection that began with its name, for its next request.
    void own(UpstreamConnection idle) {
        dropOwn();
        if (client.closed()) {
            idle.channel().close();
        } else {
            ownIdle = idle;
            ownOf = exchange.upstream;
        }
    }

    void dropOwn() {
        UpstreamConnection idle = ownIdle;
        ownIdle = null;
        if (idle != null) {
            idle.channel().close();
        }
    }

    /// Its own idle connection with a lease, where there is one that may be used now.
    private @Nullable UpstreamConnection takeOwn(long maxIdleMs) {
        UpstreamConnection idle = ownIdle;
        if (idle == null || idle.expired(loop.nowMs()) || loop.nowMs() - idle.idleSince() >= maxIdleMs) {
            return null;
        }
        Upstream from = exchange.upstream();
        if (ownOf != from || !from.claimAgain(loop.index, idle.endpoint, exchange.onTrial)) {
            return null;
        }
        ownIdle = null;
        loop.removeOwned(idle.endpoint, idle);
        return idle;
    }

    // ---- sending --------------------------------------------------------------------------------------

    /// The head is in `loop.out`, the body at hand has been taken from `in`.
    void sendFirst(ByteBuf in) {
        if (exchange.keptBytes() > 0) {
            // It waited to be let in.
            sendKept();
            return;
        }
        UpstreamConnection to = acquire();
        if (to == null || !to.ready()) {
            keepTaken(in, true);
            client.reading(false);
            if (to == null) {
                afterNoConnection();
            }
            return;
        }
        ByteBuf out = loop.out;
        if (body.length() + 2 > out.writableBytes()) {
            keepTaken(in, true);
            sendKept(to);
            return;
        }
        out.writeBytes(in, body.from(), body.length());
        if (body.owesEnd()) {
            out.writeByte('\r').writeByte('\n');
        }
        to.expectResponse();
        if (!to.send(out, 0, out.readableBytes())) {
            keepTaken(in, true);
            failed(to, Retry.Reached.NOTHING_WRITTEN);
            return;
        }
        if (exchange.repeatable) {
            keepTaken(in, false);
        } else if (body.length() > 0 || !exchange.requestDone) {
            exchange.forgetBody();
        }
        mayNeedSecond();
        if (!to.writable() && client.inBody()) {
            client.reading(false);
        }
    }

    /// More of the body has been taken from `in`.
    void sendMore(ByteBuf in) {
        UpstreamConnection to = upstream;
        if (to == null || !to.ready()) {
            keepTaken(in, true);
            return;
        }
        if (exchange.repeatable) {
            keepTaken(in, false);
        }
        to.sentSome();
        boolean sent = to.send(in, body.from(), body.length());
        if (sent && body.owesEnd()) {
            sent = to.send(loop.out.clear().writeByte('\r').writeByte('\n'), 0, 2);
        }
        if (!sent) {
            // The origin has closed; what it said before that is still to be read.
            to.reading(true);
        } else if (!to.writable() && client.inBody()) {
            client.reading(false);
        }
    }

    /// More of the body has gone to the endpoint inside the kernel, or was lost since it has closed.
    void passed(boolean lost) {
        UpstreamConnection to = upstream;
        if (to != null) {
            to.sentSome();
            if (lost) {
                to.reading(true);
            }
        }
    }

    /// What has been taken of the body waits.
    void keepTaken(ByteBuf in) {
        keepTaken(in, true);
    }

    private void keepTaken(ByteBuf in, boolean must) {
        exchange.keepBody(in, body.from(), body.length(), must);
        if (body.owesEnd()) {
            ByteBuf out = loop.out.clear().writeByte('\r').writeByte('\n');
            exchange.keepBody(out, 0, 2, must);
        }
    }

    /// Sends, or sends again, what has been kept of the request.
    void sendKept() {
        client.reading(false);
        send(acquire());
    }

    private void send(@Nullable UpstreamConnection to) {
        if (to == null) {
            afterNoConnection();
        } else if (to.ready()) {
            sendKept(to);
        }
    }

    private void sendKept(UpstreamConnection to) {
        client.exchangeDeadline();
        if (exchange.opaque) {
            client.startTunnel(to);
            return;
        }
        ByteBuf out = loop.out.clear();
        exchange.writeHead(out);
        ByteBuf kept = exchange.keptBody();
        int length = exchange.keptBytes();
        boolean together = kept != null && length <= out.writableBytes();
        if (kept != null && together) {
            out.writeBytes(kept, kept.readerIndex(), length);
        }
        to.expectResponse();
        if (!to.send(out, 0, out.readableBytes())) {
            failed(to, Retry.Reached.NOTHING_WRITTEN);
            return;
        }
        if (kept != null && !together && !to.send(kept, kept.readerIndex(), length)) {
            to.reading(true);
        }
        if (!exchange.repeatable && (length > 0 || !exchange.requestDone)) {
            exchange.forgetBody();
        }
        mayNeedSecond();
        client.reading(to.writable() && client.mayRead());
    }

    // ---- finding an endpoint ----------------------------------------------------------------------------

    /// A connection with a lease, perhaps still connecting; null when there is none, and then either
    /// nothing is admitted or `failedAtOnce`.
    private @Nullable UpstreamConnection acquire() {
        failedAtOnce = false;
        UpstreamConnection early = speculative;
        speculative = null;
        if (early != null
                && (early.channel().isActive() || !early.ready())
                && early.endpoint.admitted()
                && exchange.upstream().suits(early.endpoint, exchange.onTrial)) {
            upstream = early;
            return early;
        } else if (early != null) {
            early.abandon();
        }
        boolean mayReuse = !exchange.opaque && exchange.tries == 0;
        long reusable = exchange.repeatable ? Long.MAX_VALUE : FRESH_MS;
        UpstreamConnection own = mayReuse ? takeOwn(reusable) : null;
        if (own != null) {
            own.serve(client, exchange.times);
            upstream = own;
            return own;
        }
        Endpoint endpoint = claim();
        return endpoint == null ? null : connectTo(endpoint);
    }

    private @Nullable Endpoint claim() {
        Upstream from = exchange.upstream();
        CharSequence pin = exchange.pin;
        boolean onTrial = exchange.onTrial;
        Endpoint pinned = pin == null || exchange.failed != null ? null : from.claimPinned(loop.index, pin, onTrial);
        return pinned == null ? from.claim(loop.index, exchange.key, exchange.failed, onTrial) : pinned;
    }

    /// A connection to `endpoint`, whose lease has been claimed; null when `failedAtOnce`.
    private @Nullable UpstreamConnection connectTo(Endpoint endpoint) {
        failedAtOnce = false;
        if (!exchange.opaque && exchange.tries == 0 && !client.keepsOwn()) {
            long reusable = exchange.repeatable ? Long.MAX_VALUE : FRESH_MS;
            UpstreamConnection idle = loop.takeIdle(endpoint, reusable);
            if (idle != null) {
                idle.serve(client, exchange.times);
                upstream = idle;
                return idle;
            }
        }
        try {
            client.account().connecting();
            UpstreamConnection fresh = UpstreamConnection.open(loop, endpoint, client, peer, exchange.times);
            upstream = fresh;
            if (fresh.ready()) {
                client.account().connected();
            }
            return fresh;
        } catch (IOException | RuntimeException e) {
            Loop.LOG.debug("no connection to an endpoint", e);
            endpoint.observe(loop.index, 0, false);
            endpoint.release(loop.index);
            exchange.failed = endpoint;
            exchange.timedOut = false;
            failedAtOnce = true;
            return null;
        }
    }

    private void afterNoConnection() {
        if (failedAtOnce) {
            decide(Retry.Reached.NOTHING_WRITTEN);
        } else {
            queueUp();
        }
    }

    /// Waits, in the order of coming, until an endpoint has room for it or it has waited for too long.
    private void queueUp() {
        Upstream from = exchange.upstream();
        waiting = true;
        client.reading(false);
        if (!beenHeld || !client.hasDeadline()) {
            beenHeld = true;
            client.deadline(from.spec().queue().age().toMillis());
        }
        if (from.await(loop.index, this)) {
            loop.tally.one(Count.HELD);
        } else {
            waiting = false;
            loop.tally.one(Count.QUEUE_FULL);
            client.answer(Answer.unavailable(from.retryAfterSeconds()));
        }
    }

    @Override
    public long key() {
        return exchange.key;
    }

    @Override
    public @Nullable CharSequence pin() {
        return exchange.pin;
    }

    @Override
    public boolean onTrial() {
        return exchange.onTrial;
    }

    @Override
    public @Nullable Endpoint avoid() {
        return exchange.failed;
    }

    @Override
    public int heldBytes() {
        return exchange.keptBytes();
    }

    @Override
    public void granted(Endpoint endpoint) {
        waiting = false;
        send(connectTo(endpoint));
    }

    /// Whether it waited.
    boolean leaveQueue() {
        boolean left = waiting;
        if (waiting) {
            waiting = false;
            exchange.upstream().leave(loop.index, this);
        }
        return left;
    }

    // ---- a second endpoint for what takes long --------------------------------------------------------

    /// The request is on its way.
    private void mayNeedSecond() {
        long ms = exchange.route.hedgeMs();
        if (ms != Timed.NEVER && exchange.repeatable && second == null) {
            hedgeAtMs = loop.soonMs() + ms;
            loop.deadlines.by(client, hedgeAtMs);
        }
    }

    /// When to look at the exchange again.
    long nextMs() {
        return hedgeAtMs;
    }

    private void askSecond() {
        UpstreamConnection first = upstream;
        boolean may = first != null && !exchange.answered && exchange.requestDone && exchange.keepsBody();
        if (!may || first == null || !loop.retries.has(loop.nowMs())) {
            return;
        }
        Endpoint endpoint = exchange.upstream().claim(loop.index, exchange.key, first.endpoint, exchange.onTrial);
        if (endpoint == null || endpoint == first.endpoint) {
            if (endpoint != null) {
                endpoint.release(loop.index);
            }
            return;
        }
        loop.retries.take();
        loop.tally.one(Count.HEDGES);
        try {
            UpstreamConnection other = UpstreamConnection.open(loop, endpoint, client, peer, exchange.times);
            second = other;
            if (other.ready()) {
                sendCopy(other);
            }
        } catch (IOException | RuntimeException e) {
            endpoint.release(loop.index);
        }
    }

    private void sendCopy(UpstreamConnection to) {
        ByteBuf out = loop.out.clear();
        exchange.writeHead(out);
        ByteBuf kept = exchange.keptBody();
        to.expectResponse();
        boolean sent = to.send(out, 0, out.readableBytes())
                && (kept == null || to.send(kept, kept.readerIndex(), kept.readableBytes()));
        if (!sent) {
            dropSecond();
        }
    }

    /// The first byte of an answer has come: whoever it is from, the other is not wanted any more.
    void answering(UpstreamConnection winner) {
        exchange.answered = true;
        hedgeAtMs = Timed.NEVER;
        if (winner == second) {
            UpstreamConnection slow = upstream;
            upstream = winner;
            second = null;
            if (slow != null) {
                slow.abandon();
            }
        } else {
            dropSecond();
        }
    }

    private void dropSecond() {
        UpstreamConnection other = second;
        second = null;
        hedgeAtMs = Timed.NEVER;
        if (other != null) {
            other.abandon();
        }
    }

    /// One of two attempts is over without an answer; whether the other goes on.
    boolean goesOnElsewhere(UpstreamConnection over) {
        if (over == second) {
            second = null;
            return true;
        }
        if (over == upstream && second != null && !exchange.answered) {
            upstream = second;
            second = null;
            return true;
        }
        return false;
    }

    // ---- what becomes of the attempt -----------------------------------------------------------------------

    void connected(UpstreamConnection which) {
        if (which == second) {
            sendCopy(which);
        }
        if (which == upstream) {
            client.account().connected();
            sendKept(which);
        }
    }

    void connectFailed(UpstreamConnection which) {
        if (which == speculative) {
            speculative = null;
        } else if (goesOnElsewhere(which)) {
            which.endpoint.observe(loop.index, 0, false);
        } else if (which == upstream) {
            failed(which, Retry.Reached.NOTHING_WRITTEN);
        }
    }

    /// The connection has closed during the exchange. `framed`: the client can see that something is missing.
    void died(UpstreamConnection which, boolean framed) {
        if (goesOnElsewhere(which)) {
            which.endpoint.observe(loop.index, 0, false);
            return;
        }
        if (which != upstream) {
            return;
        }
        if (!exchange.answered) {
            failed(which, Retry.Reached.NO_RESPONSE_BYTE);
            return;
        }
        upstream = null;
        if (exchange.committed) {
            client.workerBroke(framed);
        } else {
            client.answer(Answer.BAD_GATEWAY);
        }
    }

    /// Whether the request goes elsewhere although an answer, that nobody has seen yet, has come: one that says the
    /// endpoint cannot do it now.
    boolean goesElsewhere(UpstreamConnection which) {
        RetrySpec spec = exchange.route.retries();
        boolean budget = loop.retries.has(loop.nowMs());
        Retry.Decision decision = Retry.decide(
                Retry.Reached.ANSWERED_UNAVAILABLE,
                spec,
                exchange.repeatable,
                exchange.keepsBody() && exchange.requestDone,
                exchange.tries,
                budget,
                false);
        if (which != upstream || decision != Retry.Decision.AGAIN) {
            return false;
        }
        exchange.answered = false;
        failed(which, Retry.Reached.ANSWERED_UNAVAILABLE);
        return true;
    }

    private void failed(UpstreamConnection dead, Retry.Reached reached) {
        dead.endpoint.observe(loop.index, 0, false);
        upstream = null;
        exchange.failed = dead.endpoint;
        exchange.timedOut = dead.timedOut();
        dead.abandon();
        decide(reached);
    }

    private void decide(Retry.Reached reached) {
        if (exchange.firstFailureMs == 0) {
            exchange.firstFailureMs = loop.nowMs();
        }
        boolean patient = loop.nowMs() - exchange.firstFailureMs < PATIENCE_MS;
        boolean replayable = exchange.keepsBody();
        boolean budget = loop.retries.has(loop.nowMs());
        RetrySpec spec = exchange.route.retries();
        switch (Retry.decide(reached, spec, exchange.repeatable, replayable, exchange.tries, budget, patient)) {
            case AGAIN -> {
                if (reached != Retry.Reached.NOTHING_WRITTEN) {
                    loop.retries.take();
                }
                exchange.tries++;
                loop.tally.one(Count.RETRIES);
                sendKept();
            }
            case LATER -> {
                later = true;
                loop.deadlines.by(client, loop.soonMs());
                client.reading(false);
            }
            case BAD_GATEWAY, PASS_ON -> client.answer(failure(reached));
            case ABORT -> client.workerBroke(false);
        }
    }

    private Answer failure(Retry.Reached reached) {
        if (exchange.timedOut) {
            return Answer.NO_CONNECTION_IN_TIME;
        }
        return reached == Retry.Reached.NOTHING_WRITTEN ? Answer.REFUSED_CONNECTION : Answer.BAD_GATEWAY;
    }

    /// A look: what was to be tried again is tried again.
    void due(long nowMs) {
        if (nowMs >= hedgeAtMs) {
            hedgeAtMs = Timed.NEVER;
            askSecond();
        }
        if (later) {
            later = false;
            exchange.tries--;
            decide(Retry.Reached.NOTHING_WRITTEN);
        }
    }
}
