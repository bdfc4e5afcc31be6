package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.pm2j.config.spec.edge.RetrySpec;
import io.pm2j.proxy.http.HeadScanner;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.proxy.upstream.Waiter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A client's connection: reads requests strictly, one after the other, and sees each to its end.
///
/// ```
/// DETECT ─► HEAD ─► BODY ─► ANSWER ─► HEAD …        one exchange after the other
///    │        └─ refused ─► LINGER                  answered, FIN sent, the rest read and thrown away
///    └─► ANSWER (opaque) ─► TUNNEL                  also from ANSWER by a valid 101
/// ```
/// Beside the state there is at most one upstream connection: the exchange's, or, in DETECT on a listener
/// that has seen no traffic yet, one opened on speculation to see whether the server speaks first.
final class ClientConnection extends Wire implements Waiter {
    private static final int MOST_HELD = 64 * 1024;
    private static final int MOST_LINGERED = 4 * 1024 * 1024;
    private static final long LINGER_MS = 2_000;
    private static final RetrySpec RETRIES = RetrySpec.DEFAULT;
    /// How long connects are tried again while nothing has been written.
    private static final long PATIENCE_MS = 1_000;
    /// Methods that must not be sent twice only go where a stale connection is next to impossible.
    private static final long FRESH_MS = 750;

    private enum At {
        DETECT,
        HEAD,
        BODY,
        ANSWER,
        TUNNEL,
        LINGER,
        CLOSED
    }

    private final ListenerState listener;
    private final @Nullable Upstream target;
    private final @Nullable SiteAnswer site;
    private final Exchange exchange = new Exchange();
    private final RequestBody body = new RequestBody();
    /// Of the request body; made for the first one.
    private @Nullable MinRate rate;
    /// Where the loop keeps this connection, -1 when it does not; the loop's alone.
    int slot = -1;

    private At at = At.HEAD;
    /// The deadline of the state; those of writing and of the whole exchange stand beside it.
    private long deadlineMs = NEVER;
    private long exchangeDeadlineMs = NEVER;
    /// The worker has yet to say whether it wants the body.
    private boolean expecting;
    private @Nullable ByteBuf held;
    private @Nullable UpstreamConnection upstream;
    private @Nullable UpstreamConnection speculative;
    private @Nullable Tunnel tunnel;
    private int lingered;
    private boolean waiting;
    /// The hold deadline of this exchange runs.
    private boolean beenHeld;

    private boolean later;
    /// What is being read right now; null outside of [#process].
    private @Nullable ByteBuf atHand;
    private byte[] forwarded = {};
    private String peer = "";

    ClientConnection(Loop loop, ListenerState listener) {
        super(loop);
        this.listener = listener;
        target = listener.target() instanceof Target.App app ? app.upstream() : null;
        site = listener.target() instanceof Target.Site files ? new SiteAnswer(this, files.site()) : null;
    }

    Exchange exchange() {
        return exchange;
    }

    // ---- arrival ---------------------------------------------------------------------------------

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        loop.tally.one(Count.CONNECTIONS_ACCEPTED);
        loop.add(this);
        forwarded = ForwardedHeaders.lines(ctx.channel().remoteAddress(), listener.port());
        peer = ForwardedHeaders.client(ctx.channel().remoteAddress());
        deadline(loop.limits.clientIdleMs());
        if (target == null) {
            return;
        }
        at = At.DETECT;
        switch (listener.speaks()) {
            case UNKNOWN -> {
                speculate(target);
                loop.deadlines.by(this, loop.soonMs());
            }
            case HTTP -> {}
            case SERVER_FIRST -> beginOpaque();
        }
    }

    /// Opens a connection before the client has said anything: its server may be the one who begins.
    private void speculate(Upstream from) {
        Endpoint endpoint = from.claim(loop.index, null);
        if (endpoint == null) {
            return;
        }
        try {
            speculative = UpstreamConnection.open(loop, endpoint, this, peer);
        } catch (IOException | RuntimeException e) {
            endpoint.release(loop.index);
        }
    }

    void speculativeLost(UpstreamConnection lost) {
        if (speculative == lost) {
            speculative = null;
        }
    }

    private void dropSpeculative() {
        UpstreamConnection unused = speculative;
        speculative = null;
        if (unused != null) {
            unused.abandon();
        }
    }

    void serverSpeaksFirst(UpstreamConnection from) {
        if (speculative != from) {
            from.abandon();
            return;
        }
        speculative = null;
        listener.learned(ListenerState.Speaks.SERVER_FIRST);
        startTunnel(from);
    }

    // ---- reading ---------------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        ByteBuf joined = null;
        try {
            loop.tally.add(Count.BYTES_FROM_CLIENTS, in.readableBytes());
            if (held != null) {
                joined = join(takeHeld(), in, ctx.channel());
            }
            process(joined == null ? in : joined);
        } finally {
            in.release();
            if (joined != null) {
                joined.release();
            }
        }
    }

    private @Nullable ByteBuf takeHeld() {
        ByteBuf bytes = held;
        held = null;
        return bytes;
    }

    private void hold(ByteBuf in) {
        held = join(takeHeld(), in, channel());
        in.skipBytes(in.readableBytes());
        if (at == At.ANSWER && held.readableBytes() >= MOST_HELD) {
            reading(false);
        }
    }

    private void process(ByteBuf in) {
        atHand = in;
        try {
            boolean more = true;
            while (more && in.isReadable()) {
                more = switch (at) {
                    case DETECT -> detect(in);
                    case HEAD -> head(in);
                    case BODY -> body(in);
                    case ANSWER -> {
                        hold(in);
                        yield false;
                    }
                    case TUNNEL -> {
                        Tunnel through = tunnel;
                        if (through != null) {
                            through.read(this, in);
                        }
                        yield false;
                    }
                    case LINGER -> linger(in);
                    case CLOSED -> false;
                };
            }
        } finally {
            atHand = null;
        }
    }

    private void processHeld() {
        ByteBuf bytes = takeHeld();
        if (bytes != null) {
            try {
                process(bytes);
            } finally {
                bytes.release();
            }
        }
    }

    private boolean detect(ByteBuf in) {
        return switch (Protocol.of(in)) {
            case HTTP -> {
                listener.learned(ListenerState.Speaks.HTTP);
                at = At.HEAD;
                yield true;
            }
            case OPAQUE -> {
                beginOpaque();
                yield true;
            }
            case UNDECIDED -> {
                holdHead(in);
                yield false;
            }
        };
    }

    private boolean head(ByteBuf in) {
        skipEmptyLine(in);
        if (!in.isReadable()) {
            return false;
        }
        byte[] b = loop.scratch;
        RequestHead head = loop.request;
        int n = Math.min(in.readableBytes(), loop.options.maxHeadBytes());
        in.getBytes(in.readerIndex(), b, 0, n);
        int end = loop.scanner.request(b, n, head);
        if (end == HeadScanner.REFUSED) {
            refuse(loop.scanner.violation());
            return true;
        }
        if (end == HeadScanner.MORE) {
            if (n >= loop.options.maxHeadBytes()) {
                refuse(Violation.HEAD_TOO_LARGE);
                return true;
            }
            holdHead(in);
            return false;
        }
        in.skipBytes(end);
        begin(b, head, in);
        return true;
    }

    /// RFC 9112 §9.5: a head has a time of its own, from its first byte; more bytes buy no more time.
    private void holdHead(ByteBuf in) {
        if (!headStarted) {
            headStarted = true;
            deadline(loop.limits.headMs());
        }
        hold(in);
    }

    private boolean headStarted;

    /// RFC 9112 §2.2: an empty line before a request line is skipped.
    private static void skipEmptyLine(ByteBuf in) {
        int i = in.readerIndex();
        if (in.readableBytes() >= 2 && in.getByte(i) == '\r' && in.getByte(i + 1) == '\n') {
            in.skipBytes(2);
        }
    }

    private void begin(byte[] b, RequestHead head, ByteBuf in) {
        headStarted = false;
        loop.tally.one(Count.REQUESTS);
        loop.retries.request();
        boolean upgrade = head.mayUpgrade(b);
        exchange.begin(head.method(), head.http10(), !head.persistent(), upgrade ? protocol(b, head) : null);
        body.begin(head);
        exchange.requestDone = !head.hasBody();
        at = exchange.requestDone ? At.ANSWER : At.BODY;
        expecting = head.expectsContinue() && at == At.BODY;
        if (loop.limits.exchangeMs() != NEVER) {
            exchangeDeadlineMs = loop.soonMs() + loop.limits.exchangeMs();
            loop.deadlines.by(this, exchangeDeadlineMs);
        }
        exchangeDeadline();
        SiteAnswer files = site;
        if (files != null) {
            files.prepare(b, head);
            if (exchange.requestDone || head.expectsContinue()) {
                // A body is not wanted: a client that asks first is answered without it.
                bodyDone();
                files.start();
            }
            return;
        }
        ByteBuf out = loop.out.clear();
        HeadEditor.request(b, head, out, forwarded, upgrade);
        exchange.keepHead(out);
        if (!takeBody(in)) {
            return;
        }
        sendFirst(in);
    }

    private static byte[] protocol(byte[] b, RequestHead head) {
        return Tokens.ascii(head.value(b, head.upgradeField()).toLowerCase(java.util.Locale.ROOT));
    }

    /// Moves past the body bytes in `in` and notes which are to be passed on; false when refused.
    private boolean takeBody(ByteBuf in) {
        if (exchange.requestDone) {
            body.nothing(in.readerIndex());
            return true;
        }
        int before = in.readerIndex();
        Violation bad = body.take(in);
        bodyCame(in.readerIndex() - before);
        if (bad != null) {
            refuse(bad);
            return false;
        }
        exchange.requestDone = body.done();
        if (exchange.requestDone) {
            bodyDone();
        }
        return true;
    }

    private void bodyCame(int bytes) {
        if (bytes > 0) {
            bodyInvited();
            MinRate pace = rate;
            if (pace != null) {
                pace.received(bytes);
            }
        }
    }

    private void bodyDone() {
        at = At.ANSWER;
        expecting = false;
        exchangeDeadline();
    }

    /// The client need not wait with its body any longer.
    void bodyInvited() {
        if (expecting) {
            expecting = false;
            exchangeDeadline();
        }
    }

    /// Whether it is the worker's turn, because nothing more comes from the client before it has said something.
    boolean awaitsWorker() {
        return exchange.requestDone || expecting;
    }

    private void keepTaken(ByteBuf in, boolean must) {
        exchange.keepBody(in, body.from(), body.length(), must);
        if (body.owesEnd()) {
            ByteBuf out = loop.out.clear().writeByte('\r').writeByte('\n');
            exchange.keepBody(out, 0, 2, must);
        }
    }

    /// The head is in `loop.out`, the body at hand has been taken from `in`.
    private void sendFirst(ByteBuf in) {
        UpstreamConnection to = acquire();
        if (to == null || !to.ready()) {
            keepTaken(in, true);
            pauseForUpstream();
            if (to == null) {
                afterNoConnection();
            }
            return;
        }
        ByteBuf out = loop.out;
        boolean sent;
        if (body.length() + 2 <= out.writableBytes()) {
            out.writeBytes(in, body.from(), body.length());
            if (body.owesEnd()) {
                out.writeByte('\r').writeByte('\n');
            }
            to.expectResponse();
            sent = to.send(out, 0, out.readableBytes());
        } else {
            keepTaken(in, true);
            sendKept(to);
            return;
        }
        if (!sent) {
            keepTaken(in, true);
            failed(to, Retry.Reached.NOTHING_WRITTEN);
            return;
        }
        if (exchange.method.idempotent()) {
            keepTaken(in, false);
        } else if (body.length() > 0 || !exchange.requestDone) {
            exchange.forgetBody();
        }
        if (!to.writable() && at == At.BODY) {
            reading(false);
        }
    }

    private boolean body(ByteBuf in) {
        SiteAnswer files = site;
        if (!takeBody(in)) {
            return true;
        }
        if (files != null) {
            files.discarded(body.length());
            if (exchange.requestDone) {
                files.start();
            }
            return true;
        }
        UpstreamConnection to = upstream;
        if (to == null || !to.ready()) {
            keepTaken(in, true);
            return true;
        }
        if (exchange.method.idempotent()) {
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
        } else if (!to.writable() && at == At.BODY) {
            reading(false);
        }
        return true;
    }

    private boolean linger(ByteBuf in) {
        lingered += in.readableBytes();
        in.skipBytes(in.readableBytes());
        if (lingered > MOST_LINGERED) {
            channel().close();
        }
        return false;
    }

    // ---- finding an endpoint -----------------------------------------------------------------------

    private boolean attemptFailedAtOnce;

    /// A connection with a lease, perhaps still connecting; null when there is none, and then either
    /// nothing is admitted or `attemptFailedAtOnce`.
    private @Nullable UpstreamConnection acquire() {
        attemptFailedAtOnce = false;
        UpstreamConnection early = speculative;
        speculative = null;
        if (early != null && (early.channel().isActive() || !early.ready()) && early.endpoint.admitted()) {
            upstream = early;
            return early;
        } else if (early != null) {
            early.abandon();
        }
        Upstream from = target();
        Endpoint endpoint = from.claim(loop.index, exchange.failed);
        return endpoint == null ? null : connectTo(endpoint);
    }

    /// A connection to `endpoint`, whose lease has been claimed; null when `attemptFailedAtOnce`.
    private @Nullable UpstreamConnection connectTo(Endpoint endpoint) {
        attemptFailedAtOnce = false;
        if (!exchange.opaque && exchange.tries == 0) {
            long maxIdle = exchange.method.idempotent() ? Long.MAX_VALUE : FRESH_MS;
            UpstreamConnection idle = loop.takeIdle(endpoint, maxIdle);
            if (idle != null) {
                idle.serve(this);
                upstream = idle;
                return idle;
            }
        }
        try {
            upstream = UpstreamConnection.open(loop, endpoint, this, peer);
            return upstream;
        } catch (IOException | RuntimeException e) {
            Loop.LOG.debug("no connection to an endpoint", e);
            endpoint.release(loop.index);
            exchange.failed = endpoint;
            exchange.timedOut = false;
            attemptFailedAtOnce = true;
            return null;
        }
    }

    private Upstream target() {
        Upstream known = target;
        if (known == null) {
            throw new IllegalStateException("a site has no upstream");
        }
        return known;
    }

    private void afterNoConnection() {
        if (attemptFailedAtOnce) {
            decide(Retry.Reached.NOTHING_WRITTEN);
        } else {
            queueUp();
        }
    }

    private void pauseForUpstream() {
        reading(false);
    }

    /// Waits, in the order of coming, until an endpoint is admitted or the hold timeout passes.
    private void queueUp() {
        waiting = true;
        pauseForUpstream();
        if (!beenHeld || deadlineMs == NEVER) {
            beenHeld = true;
            deadline(target().spec().queue().age().toMillis());
        }
        if (target().await(loop.index, this)) {
            loop.tally.one(Count.HELD);
        } else {
            waiting = false;
            loop.tally.one(Count.QUEUE_FULL);
            unavailable();
        }
    }

    @Override
    public long key() {
        return 0;
    }

    @Override
    public @Nullable CharSequence pin() {
        return null;
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
        dispatch(connectTo(endpoint));
    }

    private void leaveQueue() {
        if (waiting) {
            waiting = false;
            target().leave(loop.index, this);
        }
    }

    /// Sends, or sends again, what has been kept of the request.
    private void dispatchKept() {
        dispatch(acquire());
    }

    private void dispatch(@Nullable UpstreamConnection to) {
        if (to == null) {
            afterNoConnection();
        } else if (to.ready()) {
            sendKept(to);
        }
    }

    void upstreamConnected(UpstreamConnection connected) {
        if (connected == upstream) {
            sendKept(connected);
        }
    }

    /// Sets the deadline of the state to `fromNowMs`.
    private void deadline(long fromNowMs) {
        deadlineMs = loop.soonMs() + fromNowMs;
        loop.deadlines.by(this, deadlineMs);
    }

    /// What the client still owes, or whether it may be gone, limits the exchange on its side.
    private void exchangeDeadline() {
        beenHeld = false;
        if (inputEnded) {
            deadline(loop.limits.halfCloseMs());
        } else if (at == At.BODY && !expecting && loop.limits.minBodyRate() > 0) {
            MinRate pace = rate;
            if (pace == null) {
                pace = new MinRate();
                rate = pace;
            }
            pace.start(loop.soonMs());
            deadline(loop.limits.bodyGraceMs());
        } else {
            deadlineMs = NEVER;
        }
    }

    private void sendKept(UpstreamConnection to) {
        exchangeDeadline();
        if (exchange.opaque) {
            startTunnel(to);
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
        if (!exchange.method.idempotent() && (length > 0 || !exchange.requestDone)) {
            exchange.forgetBody();
        }
        reading(to.writable() && mayRead());
    }

    private boolean mayRead() {
        ByteBuf bytes = held;
        return bytes == null || bytes.readableBytes() < MOST_HELD;
    }

    // ---- what becomes of the attempt -----------------------------------------------------------------

    void upstreamFailed(UpstreamConnection failed, Retry.Reached reached) {
        if (failed == speculative) {
            speculative = null;
        } else if (failed == upstream) {
            failed(failed, reached);
        }
    }

    /// The connection has closed during the exchange. `framed`: the client can see that something is missing.
    void upstreamDied(UpstreamConnection dead, boolean framed) {
        if (dead != upstream) {
            return;
        }
        if (!exchange.answered) {
            failed(dead, Retry.Reached.NO_RESPONSE_BYTE);
            return;
        }
        upstream = null;
        if (!exchange.committed) {
            answer(Answer.BAD_GATEWAY);
            return;
        }
        workerBroke(framed);
    }

    private void workerBroke(boolean framed) {
        loop.tally.one(Count.UPSTREAM_ABORTS);
        abort(framed);
    }

    /// After the first byte a failure is shown by ending without the end of the message.
    private void abort(boolean framed) {
        at = At.CLOSED;
        if (framed) {
            closeAfterFlush();
        } else {
            reset();
        }
    }

    /// It was the worker's turn for too long; its connection has been given up.
    void workerOverdue(boolean framed) {
        upstream = null;
        if (exchange.committed) {
            workerBroke(framed);
        } else {
            answer(Answer.NO_RESPONSE_IN_TIME);
        }
    }

    void badResponse() {
        upstream = null;
        if (exchange.committed) {
            workerBroke(false);
        } else {
            answer(Answer.BAD_RESPONSE);
        }
    }

    private void failed(UpstreamConnection dead, Retry.Reached reached) {
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
        boolean repeatable = Retry.repeatable(exchange.method.idempotent(), false, RETRIES);
        boolean budget = loop.retries.has(loop.nowMs());
        switch (Retry.decide(reached, RETRIES, repeatable, replayable, exchange.tries, budget, patient)) {
            case AGAIN -> {
                if (reached != Retry.Reached.NOTHING_WRITTEN) {
                    loop.retries.take();
                }
                exchange.tries++;
                loop.tally.one(Count.RETRIES);
                pauseForUpstream();
                dispatchKept();
            }
            case LATER -> {
                later = true;
                loop.deadlines.by(this, loop.soonMs());
                pauseForUpstream();
            }
            case BAD_GATEWAY, PASS_ON -> answer(failure(reached));
            case ABORT -> workerBroke(false);
        }
    }

    private Answer failure(Retry.Reached reached) {
        if (exchange.timedOut) {
            return Answer.NO_CONNECTION_IN_TIME;
        }
        return reached == Retry.Reached.NOTHING_WRITTEN ? Answer.REFUSED_CONNECTION : Answer.BAD_GATEWAY;
    }

    private void unavailable() {
        answer(Answer.unavailable(target().retryAfterSeconds()));
    }

    void refuse(Violation why) {
        loop.tally.refused(why);
        if (at == At.HEAD || at == At.DETECT) {
            // What is known of the exchange is known of the one before.
            exchange.begin(io.pm2j.proxy.http.Method.OTHER, false, true, null);
        }
        exchange.closeAfter = true;
        exchange.requestDone = false;
        cancelUpstream();
        if (exchange.committed) {
            abort(false);
            return;
        }
        String allow =
                why == Violation.METHOD_NOT_ALLOWED ? "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH\r\n" : "";
        answer(new Answer(why.status(), allow, why.sentence()));
    }

    /// Answers the exchange from here.
    void answer(Answer answer) {
        if (exchange.opaque) {
            at = At.CLOSED;
            channel().close();
            return;
        }
        if (answer.status() == 502) {
            loop.tally.one(Count.BAD_GATEWAYS);
        }
        loop.tally.one(Count.ofStatus(answer.status()));
        boolean close = closesAfterThis();
        ByteBuf out = loop.out.clear();
        answer.write(out, close, exchange.method != io.pm2j.proxy.http.Method.HEAD);
        pass(out, 0, out.readableBytes());
        if (at != At.CLOSED) {
            exchange.committed = true;
            responseDone();
        }
    }

    // ---- the response --------------------------------------------------------------------------------

    /// Whether the response says that the connection ends with it.
    boolean closesAfterThis() {
        if (!exchange.requestDone || listener.closing() || inputEnded && allDealtWith()) {
            exchange.closeAfter = true;
        }
        return exchange.closeAfter;
    }

    /// Whether all that the client has sent so far has been dealt with.
    private boolean allDealtWith() {
        ByteBuf now = atHand;
        return held == null && (now == null || !now.isReadable());
    }

    void pass(ByteBuf bytes, int from, int length) {
        loop.tally.add(Count.BYTES_TO_CLIENTS, length);
        if (!send(bytes, from, length)) {
            clientGone();
        }
    }

    private void clientGone() {
        if (at != At.CLOSED) {
            at = At.CLOSED;
            loop.tally.one(Count.CLIENT_ABORTS);
            cancelUpstream();
            channel().close();
        }
    }

    private void cancelUpstream() {
        UpstreamConnection serving = upstream;
        upstream = null;
        if (serving != null) {
            serving.abandon();
        }
        dropSpeculative();
    }

    void responseDone() {
        upstream = null;
        later = false;
        exchangeDeadlineMs = NEVER;
        if (at == At.CLOSED) {
            return;
        }
        boolean whole = exchange.requestDone;
        exchange.end();
        if (!whole || exchange.closeAfter) {
            startLinger(whole);
            return;
        }
        at = At.HEAD;
        exchange.committed = false;
        deadline(loop.limits.clientIdleMs());
        if (atHand == null) {
            processHeld();
        }
        if (at == At.HEAD && atHand == null && (inputEnded || listener.closing() && !headStarted)) {
            closeAfterFlush();
        } else {
            resumeReading();
        }
    }

    /// Reading may have been paused for what came before this state.
    private void resumeReading() {
        UpstreamConnection to = upstream;
        boolean connected = to != null && to.ready();
        switch (at) {
            case HEAD -> reading(writable());
            case BODY -> reading(site != null || connected && to != null && to.writable());
            case ANSWER -> reading(mayRead() && (site != null || connected));
            case DETECT, TUNNEL, LINGER, CLOSED -> {}
        }
    }

    /// RFC 9112 §9.6: FIN first, and reading on for a while, so that the answer is not lost to a reset.
    private void startLinger(boolean nothingMoreComes) {
        ByteBuf rest = takeHeld();
        boolean silent = nothingMoreComes && rest == null;
        if (rest != null) {
            rest.release();
        }
        if (silent && inputEnded) {
            at = At.CLOSED;
            closeAfterFlush();
            return;
        }
        at = At.LINGER;
        deadline(LINGER_MS);
        endOutput();
        if (inputEnded) {
            closeAfterFlush();
        } else {
            reading(true);
        }
    }

    // ---- tunnels -------------------------------------------------------------------------------------

    private void beginOpaque() {
        exchange.begin(io.pm2j.proxy.http.Method.OTHER, false, true, null);
        exchange.opaque = true;
        headStarted = false;
        at = At.ANSWER;
        exchangeDeadline();
        pauseForUpstream();
        dispatchKept();
    }

    void startTunnel(UpstreamConnection to) {
        loop.tally.one(Count.TUNNELS);
        Tunnel through = new Tunnel(this, to);
        to.enterTunnel(through);
        tunnel = through;
        upstream = null;
        at = At.TUNNEL;
        deadlineMs = NEVER;
        if (loop.limits.tunnelIdleMs() != NEVER) {
            deadline(loop.limits.tunnelIdleMs());
        }
        exchange.end();
        findDeadPeer();
        to.findDeadPeer();
        reading(true);
        ByteBuf early = to.takeHeld();
        if (early != null) {
            through.read(to, early);
            early.release();
        }
        if (atHand == null) {
            processHeld();
        }
        if (inputEnded) {
            through.inputEnded(this);
        }
    }

    // ---- events --------------------------------------------------------------------------------------

    void upstreamWritable(boolean writable) {
        if (at == At.BODY && upstream != null && upstream.ready()) {
            reading(writable);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        boolean writable = ctx.channel().isWritable();
        Tunnel through = tunnel;
        UpstreamConnection serving = upstream;
        if (through != null) {
            through.writabilityChanged(this);
        } else if (serving != null && serving.ready()) {
            serving.reading(writable);
        } else if (at == At.HEAD && writable) {
            reading(true);
        }
    }

    @Override
    void inputEnded() {
        switch (at) {
            case DETECT, HEAD, LINGER -> closeAfterFlush();
            case BODY -> clientGone();
            case ANSWER -> deadline(loop.limits.halfCloseMs());
            case TUNNEL -> {
                Tunnel through = tunnel;
                if (through != null) {
                    through.inputEnded(this);
                }
            }
            case CLOSED -> {}
        }
    }

    // ---- deadlines -----------------------------------------------------------------------------------

    @Override
    long due(long nowMs) {
        if (at == At.DETECT) {
            detecting();
        }
        if (later) {
            later = false;
            exchange.tries--;
            decide(Retry.Reached.NOTHING_WRITTEN);
        }
        if (nowMs >= exchangeDeadlineMs) {
            exchangeOverdue();
        }
        if (nowMs >= deadlineMs) {
            deadlineMs = NEVER;
            deadlinePassed(nowMs);
        }
        // A tunnel may rest as long as it likes, unless it is being closed.
        long writing = at == At.TUNNEL && !ending() ? NEVER : writeDue(nowMs, loop.limits.clientWriteMs());
        if (writing <= nowMs) {
            overdue(Overdue.WRITE);
            giveUp();
            return NEVER;
        }
        return Math.min(writing, Math.min(deadlineMs, exchangeDeadlineMs));
    }

    /// While it is not known who speaks first, an endpoint that can be asked may come or go.
    private void detecting() {
        UpstreamConnection early = speculative;
        ListenerState.Speaks known = listener.speaks();
        if (early != null && (known == ListenerState.Speaks.HTTP || !early.endpoint.admitted())) {
            // Of no use any more; and it must not keep a retired endpoint from becoming idle.
            dropSpeculative();
        }
        if (known == ListenerState.Speaks.UNKNOWN && target != null) {
            if (speculative == null && held == null) {
                speculate(target);
            }
            loop.deadlines.by(this, loop.soonMs());
        }
    }

    private void deadlinePassed(long nowMs) {
        switch (at) {
            case DETECT, HEAD -> headOverdue();
            case BODY, ANSWER -> {
                if (waiting) {
                    leaveQueue();
                    overdue(Overdue.HOLD);
                    unavailable();
                } else if (inputEnded) {
                    clientGone();
                } else if (at == At.BODY) {
                    judgeBody(nowMs);
                }
            }
            case LINGER -> {
                if (hasQueued()) {
                    deadline(LINGER_MS);
                } else {
                    channel().close();
                }
            }
            case TUNNEL -> tunnelOverdue(nowMs);
            case CLOSED -> channel().close();
        }
    }

    private void headOverdue() {
        if (headStarted && !isReading()) {
            // It waits for the answer before it to leave.
            deadline(loop.limits.headMs());
        } else if (headStarted) {
            overdue(Overdue.REQUEST_HEAD);
            refuse(Violation.HEAD_TIMEOUT);
        } else if (hasQueued()) {
            deadline(loop.limits.clientIdleMs());
        } else {
            overdue(Overdue.CLIENT_IDLE);
            channel().close();
        }
    }

    private void judgeBody(long nowMs) {
        MinRate pace = rate;
        if (pace == null) {
            return;
        }
        if (!isReading()) {
            deadline(loop.limits.bodyGraceMs());
            return;
        }
        switch (pace.judge(nowMs, movedMs, loop.limits.minBodyRate(), loop.limits.bodyGraceMs())) {
            case WAIT, FAST_ENOUGH -> deadlineMs = pace.endMs();
            case TOO_SLOW -> {
                overdue(Overdue.REQUEST_BODY);
                refuse(Violation.BODY_TIMEOUT);
            }
        }
    }

    private void tunnelOverdue(long nowMs) {
        Tunnel through = tunnel;
        if (through == null) {
            return;
        }
        long end = Limits.after(through.movedMs(nowMs), loop.limits.tunnelIdleMs());
        if (nowMs < end) {
            deadlineMs = end;
        } else {
            overdue(Overdue.TUNNEL_IDLE);
            channel().close();
        }
    }

    private void exchangeOverdue() {
        exchangeDeadlineMs = NEVER;
        switch (at) {
            case BODY, ANSWER -> {
                overdue(Overdue.EXCHANGE);
                leaveQueue();
                cancelUpstream();
                if (exchange.committed) {
                    abort(false);
                } else {
                    answer(Answer.NO_RESPONSE_IN_TIME);
                }
            }
            case TUNNEL -> {
                overdue(Overdue.EXCHANGE);
                channel().close();
            }
            case DETECT, HEAD, LINGER, CLOSED -> {}
        }
    }

    /// Nobody takes what is queued: it is thrown away, and the worker is free.
    private void giveUp() {
        at = At.CLOSED;
        cancelUpstream();
        reset();
    }

    /// The listener is being closed: a connection on which nothing is under way ends at once.
    void listenerClosing(ListenerState which) {
        if (which == listener && held == null && !headStarted && (at == At.HEAD || at == At.DETECT)) {
            closeAfterFlush();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        loop.tally.one(Count.CONNECTIONS_CLOSED);
        loop.remove(this);
        leaveQueue();
        later = false;
        ByteBuf rest = takeHeld();
        if (rest != null) {
            rest.release();
        }
        Tunnel through = tunnel;
        tunnel = null;
        if (through != null) {
            through.closed(this);
        }
        if (upstream != null && at != At.CLOSED) {
            loop.tally.one(Count.CLIENT_ABORTS);
        }
        at = At.CLOSED;
        deadlineMs = NEVER;
        exchangeDeadlineMs = NEVER;
        cancelUpstream();
        exchange.end();
    }
}
