package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.pm2j.config.spec.edge.ClientKey;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.proxy.admission.Verdict;
import io.pm2j.proxy.client.Peer;
import io.pm2j.proxy.client.TrustedProxies;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.http.HeadScanner;
import io.pm2j.proxy.http.Method;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.preface.ProxyHeader;
import io.pm2j.proxy.preface.ProxyHeaderWriter;
import io.pm2j.proxy.route.PathReading;
import io.pm2j.proxy.route.Rewrite;
import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.KeyRule;
import io.pm2j.proxy.upstream.Upstream;
import java.net.SocketAddress;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
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
final class ClientConnection extends Wire {
    private static final byte[] END = Tokens.ascii("\r\n");
    private static final byte[] END_AND_CLOSE = Tokens.ascii("Connection: close\r\n\r\n");
    private static final byte[] IDEMPOTENCY_KEY = Tokens.ascii("idempotency-key");
    private static final byte[] ABORTED = Tokens.ascii("aborted");
    private static final byte[] CUT_SHORT = Tokens.ascii("cut_short");
    private static final byte[] OVERDUE = Tokens.ascii("overdue");
    private static final int MOST_HELD = 64 * 1024;
    private static final int MOST_LINGERED = 4 * 1024 * 1024;
    private static final long LINGER_MS = 2_000;
    /// How long a loop at rest waits for the first request of a client whose handshake is done.
    private static final long FIRST_REQUEST_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

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
    /// Where every request goes; null when it depends on the request.
    private final @Nullable Route only;
    private final ProxyHeader.@Nullable Named named;
    /// Null where no TLS is spoken.
    private final @Nullable Secured secured;
    private final Exchange exchange;
    private final RequestBody body = new RequestBody();
    private final Dispatch dispatch;
    private final Account account;
    /// Made for the first request that a folder answers.
    private @Nullable SiteAnswer files;
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
    /// It is being found out elsewhere whether the request may come in.
    private boolean asking;
    private @Nullable ByteBuf held;
    private @Nullable Tunnel tunnel;
    private int lingered;
    /// What is being read right now; null outside of [#process].
    private @Nullable ByteBuf atHand;
    private Peer peer = Peer.of(null, "http", 0, TrustedProxies.NONE);

    /// Whether it came when others were to leave: then it is gone with its first answer.
    private boolean newcomer;
    /// Whether it comes from the program before, and is no arrival.
    boolean handedOn;

    /// `named` says who the client is where a proxy in front has told; `secured` is null where no TLS is spoken.
    ClientConnection(Loop loop, ListenerState listener, ProxyHeader.@Nullable Named named, @Nullable Secured secured) {
        super(loop);
        this.listener = listener;
        this.named = named;
        this.secured = secured;
        only = listener.only();
        exchange = new Exchange(loop.limits.steps());
        account = new Account(loop);
        dispatch = new Dispatch(this, exchange, body);
    }

    Exchange exchange() {
        return exchange;
    }

    /// What is told of the exchange at hand when it is over.
    Account account() {
        return account;
    }

    Dispatch dispatch() {
        return dispatch;
    }

    /// Whether more of the request body is to come.
    boolean inBody() {
        return at == At.BODY;
    }

    // ---- arrival ---------------------------------------------------------------------------------

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (!isStream()) {
            loop.tally.one(Count.CONNECTIONS_ACCEPTED);
        }
        loop.add(this);
        newcomer = loop.leaving;
        ProxyHeader.Named told = named;
        SocketAddress source = told == null ? ctx.channel().remoteAddress() : told.source();
        int port = told == null ? listener.port() : told.destination().getPort();
        peer = Peer.of(source, secured == null ? "http" : "https", port, listener.trusted());
        account.client(peer.client().ip(), isStream());
        dispatch.peer(ForwardedHeaders.client(source));
        deadline(loop.limits.clientIdleMs());
        if (handedOn || only == null || !(only.action() instanceof Action.Forward(var upstream))) {
            return;
        }
        if (listener.bytes()) {
            beginOpaque(only);
            return;
        }
        if (secured != null) {
            return; // who speaks TLS here speaks HTTP
        }
        at = At.DETECT;
        switch (listener.speaks()) {
            case UNKNOWN -> {
                dispatch.speculate(upstream);
                loop.deadlines.by(this, loop.soonMs());
            }
            case HTTP -> {}
            case SERVER_FIRST -> beginOpaque(only);
        }
    }

    /// What each of its upstream connections begins with; null for nothing.
    byte @Nullable [] proxyHeader() {
        if (listener.options().sendProxy().isEmpty()) {
            return null;
        }
        ProxyHeader.Named told = named;
        return ProxyHeaderWriter.write(
                listener.options().sendProxy().get(),
                told == null ? channel().remoteAddress() : told.source(),
                told == null ? channel().localAddress() : told.destination());
    }

    /// Whether its upstream connections may serve no other client.
    boolean keepsOwn() {
        return listener.options().sendProxy().isPresent();
    }

    boolean closed() {
        return at == At.CLOSED;
    }

    @Override
    boolean secured() {
        return secured != null;
    }

    /// Whether it is one stream of a connection of HTTP/2, with one request.
    private boolean isStream() {
        return secured != null && secured.http2;
    }

    /// Whether no request may be begun: the next program goes on with it.
    private boolean pauses() {
        return loop.resting && secured == null;
    }

    /// Queues a part of a file, which is closed at its end.
    void queue(FileChannel file, long from, long length) {
        if (secured == null) {
            queue(new DefaultFileRegion(file, from, length));
            return;
        }
        ChannelPipeline pipeline = channel().pipeline();
        if (pipeline.get(ChunkedWriteHandler.class) == null) {
            pipeline.addBefore(pipeline.context(this).name(), null, new ChunkedWriteHandler());
        }
        queue(new FilePieces(file, from, length));
    }

    /// Whether it can neither be handed on nor end yet without a client that may be about to send: its next answer
    /// says that it ends. Not so for streams, which have none.
    boolean toLeave() {
        return secured != null && secured.used && !newcomer && !isStream() && (at == At.HEAD || underWay());
    }

    /// Whether a request is being answered, or the end of an answer has not left yet; not so for streams.
    boolean underWay() {
        return switch (at) {
            case BODY, ANSWER -> {
                UpstreamConnection to = dispatch.upstream();
                yield to == null || !to.isStream();
            }
            case DETECT, HEAD, LINGER, CLOSED -> hasQueued();
            case TUNNEL -> false;
        };
    }

    /// Whether a request is under way since before `nanos`.
    boolean underWaySince(long nanos) {
        return underWay() && account.startNanos() - nanos < 0;
    }

    void serverSpeaksFirst(UpstreamConnection from) {
        if (dispatch.takeSpeculative(from)) {
            listener.learned(ListenerState.Speaks.SERVER_FIRST);
            startTunnel(from);
        }
    }

    // ---- reading ---------------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        ByteBuf joined = null;
        try {
            if (loop.splice.isOf(this)) {
                spliced(in);
            }
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
        if (loop.resting) {
            hold(in);
            return false;
        }
        return switch (listener.answersHttp() && Protocol.isText(in) ? Protocol.HTTP : Protocol.of(in)) {
            case HTTP -> {
                listener.learned(ListenerState.Speaks.HTTP);
                at = At.HEAD;
                yield true;
            }
            case OPAQUE -> {
                if (only != null) {
                    beginOpaque(only);
                }
                yield true;
            }
            case UNDECIDED -> {
                holdHead(in);
                yield false;
            }
        };
    }

    private boolean head(ByteBuf in) {
        if (pauses()) {
            hold(in);
            return false;
        }
        skipEmptyLines(in);
        if (!in.isReadable()) {
            return false;
        }
        if (logIsBehind()) {
            holdHead(in);
            reading(false);
            return false;
        }
        if (in.readableBytes() == 1 && in.getByte(in.readerIndex()) == '\r') {
            // Perhaps the first half of another empty line.
            holdHead(in);
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

    /// Whether the next request has to wait until the access log has written more of those before it.
    private boolean logIsBehind() {
        AccessLog told = listener.log(Route.NONE);
        if (told == null || !told.on(loop.index).behind()) {
            return false;
        }
        if (!awaitsLog) {
            awaitsLog = true;
            told.on(loop.index).whenCaughtUp(this::logCaughtUp);
        }
        return true;
    }

    private void logCaughtUp() {
        awaitsLog = false;
        if (at == At.HEAD) {
            reading(writable() && !pauses());
            processHeld();
        }
    }

    private boolean headStarted;
    private boolean awaitsLog;

    /// RFC 9112 §2.2: empty lines before a request line are skipped, as many as there are: how they are cut
    /// makes no difference, and the deadline goes on.
    private static void skipEmptyLines(ByteBuf in) {
        int i = in.readerIndex();
        while (in.writerIndex() - i >= 2 && in.getByte(i) == '\r' && in.getByte(i + 1) == '\n') {
            i += 2;
        }
        in.readerIndex(i);
    }

    private void begin(byte[] b, RequestHead head, ByteBuf in) {
        headStarted = false;
        asking = false;
        Secured tls = secured;
        if (tls != null) {
            tls.used = true;
            if (tls.misdirected(b, head)) {
                refuse(Violation.MISDIRECTED);
                return;
            }
        }
        loop.tally.one(Count.REQUESTS);
        loop.retries.request();
        boolean upgrade = head.mayUpgrade(b);
        exchange.begin(head.method(), head.http10(), !head.persistent(), upgrade ? protocol(b, head) : null);
        body.begin(head);
        exchange.requestDone = !head.hasBody();
        at = exchange.requestDone ? At.ANSWER : At.BODY;
        expecting = head.expectsContinue() && at == At.BODY;
        TrustedProxies trusted = listener.trusted();
        peer = peer.under(trusted);
        RequestReading reading = loop.reading.of(b, head, peer, trusted);
        Route route = listener.find(reading);
        account.begin(route, listener.log(route), reading);
        begin(route);
        switch (decide(route, reading)) {
            case Verdict.Pass pass -> admitted(pass, reading, in, upgrade);
            case Verdict.Answer said -> {
                if (takeBody(in)) {
                    deliver(Answer.of(said));
                }
            }
            case Verdict.Ask(var later) -> ask(later, b, head, in, upgrade);
        }
    }

    /// What is closed for maintenance is so before anything else is looked at.
    private static Verdict decide(Route route, RequestReading reading) {
        Admission closure = route.action() instanceof Action.Forward(Upstream to) ? to.closure() : null;
        return closure != null && closure.decide(reading) instanceof Verdict.Answer closed
                ? closed
                : route.admission().decide(reading);
    }

    /// The verdict takes a while: the request is kept as it came until then.
    private void ask(CompletionStage<Verdict> later, byte[] b, RequestHead head, ByteBuf in, boolean upgrade) {
        byte[] asked = Arrays.copyOf(b, head.end());
        long serial = exchange.serial;
        // Whatever becomes of the request, the verdict may hold a place that is to be given back.
        later.whenComplete((verdict, failure) -> loop.run(() -> {
            if (verdict != null) {
                told(verdict, serial, asked, upgrade);
            } else if (awaits(serial)) {
                Loop.LOG.warn("it could not be found out who may come in", failure);
                answer(Answer.BROKEN);
            }
        }));
        if (takeBody(in)) {
            dispatch.keepTaken(in);
            reading(false);
            asking = true;
        }
    }

    /// Whether the request of that number has had no answer yet, and can have one.
    boolean awaits(long serial) {
        return exchange.serial == serial && (at == At.BODY || at == At.ANSWER) && !exchange.committed;
    }

    private void told(Verdict verdict, long serial, byte[] asked, boolean upgrade) {
        boolean waited = awaits(serial);
        asking &= !waited;
        switch (verdict) {
            case Verdict.Pass pass when !waited -> pass.ticket().leave();
            case Verdict.Pass pass -> {
                System.arraycopy(asked, 0, loop.scratch, 0, asked.length);
                // What was found to be a request is one still.
                int _ = loop.scanner.request(loop.scratch, asked.length, loop.request);
                RequestReading reading = loop.reading.of(loop.scratch, loop.request, peer, listener.trusted());
                admitted(pass, reading, Unpooled.EMPTY_BUFFER, upgrade);
                resumeReading();
            }
            case Verdict.Answer said when waited -> deliver(Answer.of(said));
            case Verdict.Answer _, Verdict.Ask _ -> {}
        }
    }

    private void admitted(Verdict.Pass pass, RequestReading asked, ByteBuf in, boolean upgrade) {
        exchange.ticket = pass.ticket();
        asked.identify(pass.requestId());
        account.admitted(pass.user(), pass.requestId());
        Rewrite rewrite = exchange.route.rewrite();
        byte[] target = null;
        if (!rewrite.none()) {
            switch (asked.rewritten(rewrite)) {
                case Rewrite.Result.Target(String path, boolean queried) -> target = asked.target(path, queried);
                case Rewrite.Result.Refused(PathReading.Fault fault) -> {
                    refuse(Action.Refuse.of(fault).why());
                    return;
                }
            }
        }
        exchange.response.begin(exchange.route.response(), asked);
        exchange.response.add(pass.responseLines());
        switch (exchange.route.action()) {
            case Action.Forward(Upstream upstream) -> {
                exchange.upstream = upstream;
                choosing(asked);
                ByteBuf out = loop.out.clear();
                byte[] known = asked.fromTrustedPeer() ? null : peer.lines();
                HeadEditor.request(asked, out, target, exchange.route.request(), known, pass.requestLines(), upgrade);
                exchange.keepHead(out);
                if (takeBody(in)) {
                    dispatch.sendFirst(in);
                }
            }
            case Action.Files(StaticSite site) -> serve(site, asked, target);
            case Action.Said said -> say(said, asked, in);
            case Action.Refuse(Violation why) -> refuse(why);
        }
    }

    /// What the choice of an endpoint goes by, and whether it may be made twice.
    private void choosing(RequestReading asked) {
        Route route = exchange.route;
        boolean keyed = !exchange.repeatable && asked.has(IDEMPOTENCY_KEY);
        exchange.repeatable = Retry.repeatable(exchange.repeatable, keyed, route.retries());
        ClientKey key = route.key();
        if (key != null) {
            exchange.key = KeyRule.key(key, asked.keys());
        }
        Sticky sticky = route.sticky();
        if (sticky != null) {
            exchange.pin = sticky.brought(asked);
        }
        exchange.onTrial = exchange.upstream().draw(exchange.key, asked.keys());
    }

    /// A response goes to the client from `endpoint`: it is brought back there if the route says so.
    void answeredBy(Endpoint endpoint) {
        Sticky sticky = exchange.route.sticky();
        CharSequence pin = exchange.pin;
        if (sticky != null && (pin == null || !exchange.upstream().isPinned(pin))) {
            String value = exchange.upstream().cookie(endpoint);
            if (value != null) {
                exchange.response.add(sticky.line(value));
            }
        }
    }

    private void begin(Route route) {
        exchange.route = route;
        exchange.times = route.times(loop.limits);
        if (exchange.times.totalMs() != NEVER) {
            exchangeDeadlineMs = loop.soonMs() + exchange.times.totalMs();
            loop.deadlines.by(this, exchangeDeadlineMs);
        }
        exchangeDeadline();
    }

    private void say(Action.Said said, RequestReading asked, ByteBuf in) {
        Answer answer = said.answer(asked);
        if (takeBody(in)) {
            deliver(answer);
        }
    }

    private void serve(StaticSite site, RequestReading asked, byte @Nullable [] target) {
        SiteAnswer known = files;
        SiteAnswer answer = known == null ? new SiteAnswer(this) : known;
        files = answer;
        answer.prepare(site, asked, target);
        if (exchange.requestDone || expecting) {
            // A body is not wanted: a client that asks first is answered without it.
            bodyDone();
            answer.start();
        }
    }

    /// Whether the exchange at hand is answered from a folder.
    private boolean fromFiles() {
        return exchange.route.action() instanceof Action.Files;
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
        account.bytesIn += in.readerIndex() - before;
        bodyCame(in.readerIndex() - before);
        if (bad == null && body.taken() > exchange.route.mostBody()) {
            bad = Violation.BODY_TOO_LARGE;
        }
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

    private void bodyCame(long bytes) {
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

    private boolean body(ByteBuf in) {
        if (!takeBody(in)) {
            return true;
        }
        SiteAnswer answer = files;
        if (answer != null && fromFiles() && !asking) {
            answer.discarded(body.length());
            if (exchange.requestDone) {
                answer.start();
            }
        } else {
            dispatch.sendMore(in);
        }
        return true;
    }

    /// A large body of which nothing has to be kept goes to the worker inside the kernel, and so do the bytes of
    /// a tunnel.
    @Override
    void splice() {
        Tunnel through = tunnel;
        UpstreamConnection to = dispatch.upstream();
        if (at == At.TUNNEL && through != null) {
            through.splice(this);
        } else if (at == At.BODY && to != null && to.ready() && !exchange.keepsBody() && !fromFiles()) {
            loop.splice.move(this, to, Math.min(body.left(), exchange.route.mostBody() - body.taken()));
        }
    }

    @Override
    void spliced(ByteBuf after) {
        long moved = loop.splice.settle();
        loop.tally.add(Count.BYTES_FROM_CLIENTS, moved);
        Tunnel through = tunnel;
        if (at == At.TUNNEL && through != null) {
            through.spliced(this, moved);
            return;
        }
        if (at == At.BODY && moved > 0) {
            body.passed(moved);
            account.bytesIn += moved;
            bodyCame(moved);
            dispatch.passed(loop.splice.toFailed());
            exchange.requestDone = body.done();
            if (exchange.requestDone) {
                bodyDone();
            }
        }
        if (loop.splice.fromFailed()) {
            channel().close();
        }
    }

    @Override
    void drained() {
        Tunnel through = tunnel;
        if (at == At.TUNNEL && through != null) {
            through.drained(this);
        } else if (channel().isActive()) {
            resumeReading();
        }
    }

    private boolean linger(ByteBuf in) {
        lingered += in.readableBytes();
        in.skipBytes(in.readableBytes());
        if (lingered > MOST_LINGERED) {
            channel().close();
        }
        return false;
    }

    boolean hasDeadline() {
        return deadlineMs != NEVER;
    }

    /// Sets the deadline of the state to `fromNowMs`.
    void deadline(long fromNowMs) {
        deadlineMs = loop.soonMs() + fromNowMs;
        loop.deadlines.by(this, deadlineMs);
    }

    /// What the client still owes, or whether it may be gone, limits the exchange on its side.
    void exchangeDeadline() {
        dispatch.begun();
        if (inputEnded) {
            deadline(loop.limits.halfCloseMs());
        } else if (at == At.BODY && !expecting && exchange.times.minBodyRate() > 0) {
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

    boolean mayRead() {
        ByteBuf bytes = held;
        return bytes == null || bytes.readableBytes() < MOST_HELD;
    }

    void workerBroke(boolean framed) {
        loop.tally.one(Count.UPSTREAM_ABORTS);
        cutShort();
        abort(framed);
    }

    /// The event stream is ended for the sake of its worker, which is not to blame; it has no other end.
    void streamEnded() {
        dispatch.over();
        cutShort();
        abort(true);
    }

    /// The worker has ended before its end.
    void cutShort() {
        account.cause(CUT_SHORT);
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
        dispatch.over();
        if (exchange.committed) {
            workerBroke(framed);
        } else {
            answer(Answer.NO_RESPONSE_IN_TIME);
        }
    }

    void badResponse() {
        dispatch.over();
        if (exchange.committed) {
            workerBroke(false);
        } else {
            answer(Answer.BAD_RESPONSE);
        }
    }

    void refuse(Violation why) {
        loop.tally.refused(why);
        if (at == At.HEAD || at == At.DETECT) {
            // What is known of the exchange is known of the one before.
            exchange.begin(Method.OTHER, false, true, null);
            account.begin(Route.NONE, listener.log(Route.NONE), null);
        }
        exchange.closeAfter = true;
        exchange.requestDone = false;
        dispatch.cancel();
        if (exchange.committed) {
            abort(false);
            return;
        }
        answer(Answer.refusing(why));
    }

    /// Answers the exchange with what the edge has to say itself.
    void answer(Answer answer) {
        deliver(answer.as(exchange.route.admission().pages()));
    }

    private void deliver(Answer answer) {
        if (exchange.opaque) {
            at = At.CLOSED;
            channel().close();
            return;
        }
        if (answer.status() == 502) {
            loop.tally.one(Count.BAD_GATEWAYS);
        }
        loop.tally.one(Count.ofStatus(answer.status()));
        account.said(answer.status());
        account.cause(answer.cause());
        boolean close = closesAfterThis();
        ByteBuf out = loop.out.clear();
        out.writeBytes(Tokens.ascii(answer.head())).writeBytes(exchange.response.lines());
        out.writeBytes(close ? END_AND_CLOSE : END);
        byte[] said = answer.body();
        boolean withBody = exchange.method != Method.HEAD && said.length > 0;
        boolean together = withBody && said.length <= out.writableBytes();
        if (together) {
            out.writeBytes(said);
        }
        pass(out, 0, out.readableBytes());
        account.bytesOut = withBody ? said.length : 0;
        if (withBody && !together && at != At.CLOSED) {
            loop.tally.add(Count.BYTES_TO_CLIENTS, said.length);
            queue(Unpooled.wrappedBuffer(said));
        }
        if (at != At.CLOSED) {
            exchange.committed = true;
            responseDone();
        }
    }

    // ---- the response --------------------------------------------------------------------------------

    /// The worker has answered a request: what comes here is HTTP.
    void answeredAsHttp() {
        listener.learnedToAnswerHttp();
    }

    /// Whether the response says that the connection ends with it.
    boolean closesAfterThis() {
        boolean leaves = secured != null && (loop.leaving || loop.resting);
        if (!exchange.requestDone || listener.closing() || leaves || inputEnded && allDealtWith()) {
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
        account.bytesOut += length;
        loop.tally.add(Count.BYTES_TO_CLIENTS, length);
        if (!send(bytes, from, length)) {
            clientGone();
        }
    }

    /// So much of the response has gone to the client inside the kernel.
    void passed(long bytes) {
        account.bytesOut += bytes;
        loop.tally.add(Count.BYTES_TO_CLIENTS, bytes);
        if (loop.splice.toFailed()) {
            clientGone();
        }
    }

    private void clientGone() {
        if (at != At.CLOSED) {
            at = At.CLOSED;
            loop.tally.one(Count.CLIENT_ABORTS);
            dispatch.cancel();
            channel().close();
        }
    }

    void responseDone() {
        account.end(exchange.tries);
        exchange.ticket.leave();
        dispatch.over();
        exchangeDeadlineMs = NEVER;
        if (at == At.CLOSED) {
            return;
        }
        boolean whole = exchange.requestDone;
        exchange.end();
        if (isStream()) {
            at = At.CLOSED;
            deadlineMs = NEVER;
            queue(Http2Stream.END);
            return;
        }
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
        boolean over = listener.closing() || loop.resting && secured != null;
        if (at == At.HEAD && atHand == null && (inputEnded || over && !headStarted)) {
            closeAfterFlush();
        } else {
            resumeReading();
        }
    }

    /// Reading may have been paused for what came before this state.
    private void resumeReading() {
        switch (at) {
            case HEAD -> reading(writable() && !pauses());
            case BODY -> reading(fromFiles() || dispatch.takesMore());
            case ANSWER -> reading(mayRead() && (fromFiles() || dispatch.connected()));
            case DETECT, TUNNEL, LINGER, CLOSED -> {}
        }
    }

    /// RFC 9112 §9.6: FIN first, and reading on for a while, so that the answer is not lost to a reset. A client that
    /// has asked for the end sends nothing more that could cause one, but for the line end that some add to a body.
    private void startLinger(boolean nothingMoreComes) {
        boolean silent = nothingMoreComes && allDealtWith();
        ByteBuf rest = takeHeld();
        if (rest != null) {
            rest.release();
        }
        if (silent && (inputEnded || exchange.clientCloses && body.taken() == 0)) {
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

    private void beginOpaque(Route route) {
        exchange.begin(Method.OTHER, false, true, null);
        exchange.opaque = true;
        headStarted = false;
        at = At.ANSWER;
        begin(route);
        if (route.action() instanceof Action.Forward(Upstream upstream)) {
            exchange.upstream = upstream;
            exchange.onTrial = upstream.draw(exchange.key, null);
            dispatch.sendKept();
        }
    }

    void startTunnel(UpstreamConnection to) {
        loop.tally.one(Count.TUNNELS);
        Tunnel through = new Tunnel(this, to);
        to.enterTunnel(through);
        tunnel = through;
        dispatch.over();
        at = At.TUNNEL;
        deadlineMs = NEVER;
        if (exchange.times.tunnelIdleMs() != NEVER) {
            deadline(exchange.times.tunnelIdleMs());
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
        if (loop.resting) {
            rest();
        }
    }

    // ---- events --------------------------------------------------------------------------------------

    void upstreamWritable(boolean writable) {
        if (at == At.BODY && dispatch.connected()) {
            reading(writable);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        boolean writable = ctx.channel().isWritable();
        Tunnel through = tunnel;
        UpstreamConnection serving = dispatch.upstream();
        if (through != null) {
            through.writabilityChanged(this);
        } else if (serving != null && serving.ready()) {
            serving.reading(writable);
        } else if (at == At.HEAD && writable && !pauses()) {
            reading(true);
        }
    }

    @Override
    boolean waitsAtFin() {
        return false;
    }

    @Override
    void inputEnded() {
        switch (at) {
            case DETECT, HEAD, LINGER -> closeAfterFlush();
            case BODY -> clientGone();
            case ANSWER -> {
                if (isOutputOver()) {
                    clientGone();
                } else {
                    deadline(loop.limits.halfCloseMs());
                }
            }
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
        if (at == At.DETECT && !loop.resting) {
            lookForSpeaker();
        }
        dispatch.due(nowMs);
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
        return Math.min(Math.min(writing, dispatch.nextMs()), Math.min(deadlineMs, exchangeDeadlineMs));
    }

    /// While it is not known who speaks first, an endpoint that can be asked may come or go.
    private void lookForSpeaker() {
        ListenerState.Speaks known = listener.speaks();
        boolean unknown = known == ListenerState.Speaks.UNKNOWN;
        dispatch.stopSpeculating(known == ListenerState.Speaks.HTTP);
        if (unknown && only != null && only.action() instanceof Action.Forward(var upstream)) {
            if (held == null) {
                dispatch.speculate(upstream);
            }
            loop.deadlines.by(this, loop.soonMs());
        }
    }

    private void deadlinePassed(long nowMs) {
        switch (at) {
            case DETECT, HEAD -> headOverdue();
            case BODY, ANSWER -> {
                if (dispatch.leaveQueue()) {
                    overdue(Overdue.HOLD);
                    answer(Answer.unavailable(exchange.upstream().retryAfterSeconds()));
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
        switch (pace.judge(nowMs, movedMs, exchange.times.minBodyRate(), loop.limits.bodyGraceMs())) {
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
        long end = Limits.after(through.movedMs(nowMs), exchange.times.tunnelIdleMs());
        if (nowMs < end) {
            deadlineMs = end;
        } else {
            overdue(Overdue.TUNNEL_IDLE);
            account.cause(OVERDUE);
            cut();
        }
    }

    private void exchangeOverdue() {
        exchangeDeadlineMs = NEVER;
        switch (at) {
            case BODY, ANSWER -> {
                overdue(Overdue.EXCHANGE);
                dispatch.leaveQueue();
                dispatch.cancel();
                if (exchange.committed) {
                    account.cause(OVERDUE);
                    abort(false);
                } else {
                    answer(Answer.NO_RESPONSE_IN_TIME);
                }
            }
            case TUNNEL -> {
                overdue(Overdue.EXCHANGE);
                account.cause(OVERDUE);
                channel().close();
            }
            case DETECT, HEAD, LINGER, CLOSED -> {}
        }
    }

    /// Nobody takes what is queued: it is thrown away, and the worker is free.
    private void giveUp() {
        account.cause(OVERDUE);
        at = At.CLOSED;
        dispatch.cancel();
        reset();
    }

    // ---- handing on ----------------------------------------------------------------------------------

    /// The loop comes to rest: no request is begun from now on; what is under way goes on.
    void rest() {
        Tunnel through = tunnel;
        if (secured != null) {
            leave(secured);
        } else if (at == At.TUNNEL && through != null) {
            through.rest();
        } else if (at == At.HEAD || at == At.DETECT) {
            dispatch.stopSpeculating(true);
            reading(false);
        }
    }

    /// The next program cannot go on with what was agreed on by TLS. A client that has just come has its request
    /// answered yet, if it comes soon.
    private void leave(Secured tls) {
        Tunnel through = tunnel;
        if (at == At.TUNNEL && through != null) {
            through.goAway();
        } else if (at == At.HEAD && !headStarted && held == null) {
            if (tls.used) {
                closeAfterFlush();
            } else {
                loop.after(FIRST_REQUEST_NANOS, () -> {
                    if (loop.resting && at == At.HEAD && !headStarted) {
                        closeAfterFlush();
                    }
                });
            }
        }
    }

    /// Whether there still is what could be handed on: what is closed is taken off its loop a moment later, and its
    /// number may be another file's by then.
    boolean isOpen() {
        Tunnel through = tunnel;
        return channel().isOpen() && (at != At.TUNNEL || through == null || through.isOpen());
    }

    /// Whether it can be handed on as it is.
    boolean rests() {
        if (secured != null) {
            return false;
        }
        Tunnel through = tunnel;
        return switch (at) {
            case HEAD, DETECT -> !hasQueued() && !ending();
            case TUNNEL -> through != null && through.rests();
            case BODY, ANSWER, LINGER, CLOSED -> false;
        };
    }

    /// The loop goes on after a rest.
    void goOn() {
        Tunnel through = tunnel;
        if (secured != null) {
            return;
        }
        if (at == At.TUNNEL && through != null) {
            through.goOn();
        } else if (at == At.HEAD || at == At.DETECT) {
            reading(writable());
            processHeld();
        }
    }

    ListenerState listener() {
        return listener;
    }

    /// What the next program needs to go on. A tunnel is accounted for here: the next program
    /// has not seen its request.
    Resting handOn() {
        Tunnel through = tunnel;
        ByteBuf rest = held;
        byte[] bytes = rest == null ? new byte[0] : ByteBufUtil.getBytes(rest);
        boolean tunnels = at == At.TUNNEL && through != null;
        if (tunnels) {
            account.end(exchange.tries);
        }
        ProxyHeader.Named who = named;
        return new Resting(
                loop.index,
                descriptor(),
                unix(),
                tunnels ? Resting.At.TUNNEL : at == At.DETECT ? Resting.At.DETECT : Resting.At.HEAD,
                bytes,
                Optional.ofNullable(who).map(told -> new Resting.Told(told.source(), told.destination())),
                tunnels && through != null
                        ? Optional.of(through.handOn(exchange.times.tunnelIdleMs()))
                        : Optional.empty());
    }

    /// Goes on where the program before has left it; on its loop, right after it was registered.
    void takeUp(Resting from) {
        if (from.at() == Resting.At.DETECT) {
            at = At.DETECT;
            loop.deadlines.by(this, loop.soonMs());
        }
        // First: what is held may begin a request whose body is still to be read.
        reading(true);
        if (from.held().length > 0) {
            held = channel().alloc().directBuffer(from.held().length).writeBytes(from.held());
            processHeld();
        }
    }

    /// Goes on as a tunnel to `to`, which holds a lease.
    void takeUp(Resting.Through from, UpstreamConnection to) {
        loop.tally.one(Count.TUNNELS);
        Tunnel through = new Tunnel(this, to, from);
        to.enterTunnel(through);
        tunnel = through;
        at = At.TUNNEL;
        deadlineMs = NEVER;
        exchange.times = exchange.times.tunnelIdle(from.idleMs());
        if (from.idleMs() != NEVER) {
            deadline(from.idleMs());
        }
        reading(true);
        to.reading(true);
    }

    /// The listener is being closed: a connection on which nothing is under way ends at once.
    void listenerClosing(ListenerState which) {
        if (which == listener && held == null && !headStarted && (at == At.HEAD || at == At.DETECT)) {
            closeAfterFlush();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!isStream()) {
            loop.tally.one(Count.CONNECTIONS_CLOSED);
        }
        if (tunnel == null || !tunnel.ended()) {
            account.cause(ABORTED);
        }
        account.end(exchange.tries);
        exchange.ticket.leave();
        loop.remove(this);
        dispatch.leaveQueue();
        ByteBuf rest = takeHeld();
        if (rest != null) {
            rest.release();
        }
        Tunnel through = tunnel;
        tunnel = null;
        if (through != null) {
            through.closed(this);
        }
        if (dispatch.upstream() != null && at != At.CLOSED) {
            loop.tally.one(Count.CLIENT_ABORTS);
        }
        at = At.CLOSED;
        deadlineMs = NEVER;
        exchangeDeadlineMs = NEVER;
        dispatch.cancel();
        dispatch.dropOwn();
        exchange.end();
    }
}
