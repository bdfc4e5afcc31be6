package io.pm2j.proxy.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.pm2j.config.Address;
import io.pm2j.proxy.http.ChunkScanner;
import io.pm2j.proxy.http.HeadScanner;
import io.pm2j.proxy.http.ResponseHead;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.Origin;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A connection to one endpoint: reads responses strictly and passes them to the client it serves.
///
/// While it serves somebody it holds a lease on its endpoint, from [#open] or [#serve] to [#finish] or
/// its closing, whichever is first.
final class UpstreamConnection extends Wire {
    private static final int MOST_INTERIM = 10;
    private static final byte[] NO_LINES = {};
    private static final byte[] HTTP_1 = Tokens.ascii("HTTP/1.");
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int MOST_LOOKS = 20;

    private enum At {
        CONNECTING,
        IDLE,
        HEAD,
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE,
        TUNNEL
    }

    final Endpoint endpoint;
    private At at = At.CONNECTING;
    private boolean leased = true;
    /// What goes on here ends when one side wants it to.
    private boolean streaming;
    /// Of an event stream.
    private @Nullable EventEnds events;
    private @Nullable ClientConnection client;
    private @Nullable Tunnel tunnel;
    private @Nullable ByteBuf held;
    private long left;
    private @Nullable ChunkScanner chunks;
    private boolean reusable;
    private int interims;
    private int keepAliveSeconds = -1;
    private long idleSince;
    private long expiresAt;
    private boolean timedOut;
    /// When the request was sent.
    private long sentNanos;
    /// What the exchange that it serves allows.
    private StepTimes times;

    private UpstreamConnection(Loop loop, Endpoint endpoint, ClientConnection client, StepTimes times) {
        super(loop);
        this.endpoint = endpoint;
        this.client = client;
        this.times = times;
    }

    /// Opens a connection whose lease has been claimed. Unless it is [#ready] at once, it tells `client`
    /// later when it is connected or has failed.
    ///
    /// @throws IOException when the endpoint took no connection; the lease is then still the caller's
    static UpstreamConnection open(Loop loop, Endpoint endpoint, ClientConnection client, String peer, StepTimes times)
            throws IOException {
        UpstreamConnection connection = new UpstreamConnection(loop, endpoint, client, times);
        switch (endpoint.spec().origin()) {
            case Origin.At at -> connection.connect(at.address());
            case Origin.Dialed dialed -> {
                if (!loop.transport.adopts()) {
                    throw new IOException("connections are handed over with transport epoll only");
                }
                connection.adopt(dialed.dialer().dial(peer));
            }
        }
        loop.tally.one(Count.UPSTREAM_CONNECTIONS);
        if (connection.ready()) {
            connection.introduce(client);
        }
        return connection;
    }

    private void adopt(int fd) {
        adopt(new EpollDomainSocketChannel(fd));
    }

    private void adopt(Channel ch) {
        ch.pipeline().addLast(this);
        at = At.IDLE;
        loop.events.register(ch);
    }

    /// The worker's side of a tunnel that the program before has handed on; its lease has been
    /// claimed.
    static UpstreamConnection takeUp(Loop loop, Endpoint endpoint, ClientConnection client, Resting.Through from) {
        UpstreamConnection connection = new UpstreamConnection(loop, endpoint, client, loop.limits.steps());
        Channel ch = from.unix() ? new EpollDomainSocketChannel(from.fd()) : new EpollSocketChannel(from.fd());
        ch.config().setAutoRead(false);
        connection.adopt(ch);
        return connection;
    }

    private void connect(Address address) throws IOException {
        Bootstrap boot = new Bootstrap()
                .group(loop.events)
                .handler(this)
                // Our own deadline, which needs no timer of its own.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        ChannelFuture connected = switch (address) {
            case Address.Tcp tcp ->
                boot.channel(loop.transport.tcp())
                        .option(ChannelOption.TCP_NODELAY, true)
                        .connect(new InetSocketAddress(tcp.host(), tcp.port()));
            case Address.Unix unix -> boot.channel(loop.transport.unix()).connect(loop.transport.at(unix.path()));
        };
        if (connected.isDone()) {
            // A Unix socket answers at once.
            if (!connected.isSuccess()) {
                leased = false;
                client = null;
                loop.tally.one(Count.UPSTREAM_CONNECT_FAILURES);
                throw new IOException("cannot connect to " + address, connected.cause());
            }
            at = At.IDLE;
            return;
        }
        movedMs = loop.soonMs();
        loop.deadlines.by(this, Limits.after(movedMs, times.connectMs()));
        connected.addListener(f -> {
            if (f.isSuccess()) {
                connected();
            } else {
                loop.tally.one(Count.UPSTREAM_CONNECT_FAILURES);
                giveLeaseBack();
                ClientConnection waiting = client;
                client = null;
                if (waiting != null) {
                    waiting.dispatch().connectFailed(this);
                }
            }
        });
    }

    private void connected() {
        at = At.IDLE;
        ClientConnection waiting = client;
        if (waiting == null) {
            channel().close();
        } else {
            introduce(waiting);
            waiting.dispatch().connected(this);
        }
    }

    /// Where the listener says so, a connection begins with its client's name. A failure shows
    /// at the next sending.
    private void introduce(ClientConnection theClient) {
        byte[] header = theClient.proxyHeader();
        if (header != null) {
            ByteBuf bytes = channel().alloc().directBuffer(header.length).writeBytes(header);
            send(bytes, 0, header.length);
            bytes.release();
        }
    }

    boolean ready() {
        return at != At.CONNECTING && channel().isActive();
    }

    /// Whether it was given up because its time was over.
    boolean timedOut() {
        return timedOut;
    }

    boolean expired(long nowMs) {
        return nowMs >= expiresAt || !channel().isActive();
    }

    long idleSince() {
        return idleSince;
    }

    /// Takes an idle connection for `next`; the caller has claimed the lease.
    void serve(ClientConnection next, StepTimes allowed) {
        client = next;
        times = allowed;
        leased = true;
        reading(true);
    }

    /// The next bytes are the response to the request being sent.
    void expectResponse() {
        at = At.HEAD;
        sentNanos = System.nanoTime();
        interims = 0;
        reusable = false;
        sentSome();
        loop.deadlines.by(this, Limits.after(movedMs, times.headMs()));
    }

    /// More of the request is on its way: the worker has its whole time again.
    void sentSome() {
        movedMs = loop.soonMs();
    }

    void enterTunnel(Tunnel theTunnel) {
        at = At.TUNNEL;
        tunnel = theTunnel;
        streams();
    }

    /// Whether it goes on until somebody ends it.
    boolean isStream() {
        return streaming;
    }

    private void streams() {
        if (leased && !streaming) {
            streaming = true;
            endpoint.streamBegan(loop.index);
            loop.putStream(endpoint, this);
            if (loop.resting) {
                // As those that were there when the rest began; what was read of it goes out before.
                loop.run(() -> {
                    if (eventStream()) {
                        endStream();
                    }
                });
            }
        }
    }

    /// Whether it is an event stream, which its client asks for again.
    boolean eventStream() {
        return streaming && tunnel == null;
    }

    /// Ends the stream for the sake of its worker, which is to go.
    void endStream() {
        Tunnel through = tunnel;
        EventEnds of = events;
        if (through != null) {
            through.goAway();
        } else if (of != null) {
            endEvents(of, MOST_LOOKS);
        }
    }

    /// Between two events, or when none ends for a second. Of an event stream nothing is the end; its client comes
    /// back by itself.
    private void endEvents(EventEnds of, int looks) {
        ClientConnection to = client;
        if (of != events || to == null) {
            return;
        }
        boolean inChunks = at == At.CHUNKED;
        boolean between = of.between(inChunks) && (!inChunks || scanner().between());
        if (!between && looks > 0) {
            loop.after(LOOK_AGAIN_NANOS, () -> endEvents(of, looks - 1));
            return;
        }
        abandon();
        to.streamEnded();
    }

    /// Bytes read before the tunnel was made, now the caller's.
    @Nullable
    ByteBuf takeHeld() {
        ByteBuf bytes = held;
        held = null;
        return bytes;
    }

    private void giveLeaseBack() {
        if (leased) {
            leased = false;
            if (streaming) {
                streaming = false;
                events = null;
                loop.removeStream(endpoint, this);
                endpoint.streamEnded(loop.index);
            }
            endpoint.release(loop.index);
        }
    }

    /// The exchange is over: back to the pool if the connection may be used again, else closed.
    private void finish(boolean requestDone) {
        ClientConnection served = client;
        client = null;
        at = At.IDLE;
        long idleMs = keepAliveSeconds < 0
                ? loop.limits.upstreamIdleMs()
                // A second less than the origin says, so that it is us who close first; no longer than a minute.
                : Math.min(60, keepAliveSeconds - 1) * 1000L;
        if (reusable
                && requestDone
                && idleMs > 0
                && endpoint.admitted()
                && !inputEnded
                && channel().isActive()) {
            idleSince = loop.nowMs();
            expiresAt = idleSince + idleMs;
            loop.deadlines.by(this, expiresAt);
            if (served != null && served.keepsOwn()) {
                loop.putOwned(endpoint, this);
                served.dispatch().own(this);
            } else {
                loop.putIdle(endpoint, this);
            }
            reading(true);
        } else {
            channel().close();
        }
        giveLeaseBack();
    }

    /// The client has no more use for this connection: closes it and gives the lease back.
    void abandon() {
        client = null;
        tunnel = null;
        if (at == At.CONNECTING) {
            // Closing cancels the connecting; its listener finds no client.
            giveLeaseBack();
        }
        channel().close();
        giveLeaseBack();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        ByteBuf joined = null;
        movedMs = loop.soonMs();
        try {
            if (loop.splice.isOf(this)) {
                spliced(in);
            }
            ClientConnection serving = client;
            Tunnel through = tunnel;
            if (through != null) {
                through.read(this, in);
            } else if (serving == null) {
                ctx.close();
            } else if (at == At.IDLE) {
                spokeFirst(serving, in);
            } else {
                if (held != null) {
                    joined = join(takeHeld(), in, ctx.channel());
                }
                respond(serving, joined == null ? in : joined);
            }
        } finally {
            in.release();
            if (joined != null) {
                joined.release();
            }
        }
    }

    @Override
    void splice() {
        ClientConnection to = client;
        Tunnel through = tunnel;
        if (through != null) {
            through.splice(this);
        } else if (to != null && at == At.LENGTH) {
            loop.splice.move(this, to, left);
        } else if (to != null && at == At.UNTIL_CLOSE && events == null) {
            loop.splice.move(this, to, Long.MAX_VALUE);
        }
    }

    @Override
    void spliced(ByteBuf after) {
        long moved = loop.splice.settle();
        ClientConnection to = client;
        Tunnel through = tunnel;
        if (moved > 0) {
            movedMs = loop.soonMs();
        }
        if (through != null) {
            through.spliced(this, moved);
            return;
        }
        if (to != null) {
            to.passed(moved);
            if (at == At.LENGTH) {
                left -= moved;
            }
            if (at == At.LENGTH && left == 0) {
                done(to, after);
            }
        }
        if (loop.splice.fromFailed()) {
            channel().close();
        }
    }

    @Override
    void drained() {
        ClientConnection to = client;
        Tunnel through = tunnel;
        if (through != null) {
            through.drained(this);
        } else if (to != null && channel().isActive()) {
            reading(to.writable());
        }
    }

    /// Bytes before anything was asked: a protocol in which the server begins, unless it looks like HTTP.
    private void spokeFirst(ClientConnection serving, ByteBuf in) {
        ByteBuf all = join(takeHeld(), in, channel());
        held = all;
        for (int i = 0; i < HTTP_1.length; i++) {
            if (i >= all.readableBytes()) {
                return;
            }
            if (all.getByte(all.readerIndex() + i) != HTTP_1[i]) {
                serving.serverSpeaksFirst(this);
                return;
            }
        }
        serving.dispatch().speculativeLost(this);
        abandon();
    }

    private void respond(ClientConnection to, ByteBuf in) {
        if (!to.exchange().answered) {
            to.dispatch().answering(this);
        }
        while (in.isReadable() && client == to && tunnel == null) {
            boolean again = switch (at) {
                case HEAD -> head(to, in);
                case LENGTH -> length(to, in);
                case CHUNKED -> chunked(to, in);
                case UNTIL_CLOSE -> {
                    pass(to, in, in.readableBytes());
                    yield true;
                }
                case CONNECTING, IDLE, TUNNEL -> false;
            };
            if (!again) {
                return;
            }
        }
        if (client == to && tunnel == null && !to.writable()) {
            reading(false);
        }
    }

    private void pass(ClientConnection to, ByteBuf in, int length) {
        to.pass(in, in.readerIndex(), length);
        EventEnds of = events;
        if (of != null) {
            of.pass(in, in.readerIndex(), length);
        }
        in.skipBytes(length);
    }

    private boolean head(ClientConnection to, ByteBuf in) {
        byte[] b = loop.scratch;
        ResponseHead head = loop.response;
        int n = Math.min(in.readableBytes(), loop.options.maxHeadBytes());
        in.getBytes(in.readerIndex(), b, 0, n);
        int end = loop.scanner.response(b, n, head);
        if (end == HeadScanner.REFUSED) {
            return bad(to, loop.scanner.violation());
        }
        if (end == HeadScanner.MORE) {
            if (n >= loop.options.maxHeadBytes()) {
                return bad(to, Violation.HEAD_TOO_LARGE);
            }
            held = join(null, in, channel());
            return false;
        }
        if (head.status() == 101) {
            return switchProtocols(to, in, b, head);
        }
        if (head.interim()) {
            return interim(to, in, b, head);
        }
        if (to.exchange().http10 && head.chunked()) {
            return bad(to, Violation.ENCODING_IN_HTTP_10);
        }
        finalHead(to, in, b, head);
        return true;
    }

    private boolean interim(ClientConnection to, ByteBuf in, byte[] b, ResponseHead head) {
        if (++interims > MOST_INTERIM) {
            return bad(to, Violation.TOO_MANY_INTERIM);
        }
        loop.tally.one(Count.RESPONSES_1XX);
        // RFC 9110 §15.2: never to a client of HTTP/1.0.
        if (!to.exchange().http10) {
            ByteBuf out = loop.out.clear();
            to.exchange().response.drop(b, head);
            HeadEditor.response(b, head, out, false, false, NO_LINES);
            to.pass(out, 0, out.readableBytes());
        }
        if (head.status() == 100) {
            to.bodyInvited();
        }
        in.skipBytes(head.end());
        return true;
    }

    /// RFC 9110 §7.8: only what was asked for, and only by a complete 101.
    private boolean switchProtocols(ClientConnection to, ByteBuf in, byte[] b, ResponseHead head) {
        byte[] asked = to.exchange().upgrade;
        int field = head.upgradeField();
        boolean valid = asked != null
                && field >= 0
                && head.connectionUpgrade()
                && Tokens.is(b, head.valueStart(field), head.valueEnd(field), asked);
        if (!valid) {
            return bad(to, Violation.UNASKED_SWITCH);
        }
        loop.tally.one(Count.RESPONSES_1XX);
        to.account().head(101, endpoint, System.nanoTime());
        ResponseEdits edits = to.exchange().response;
        edits.drop(b, head);
        ByteBuf out = loop.out.clear();
        HeadEditor.response(b, head, out, false, true, edits.lines());
        in.skipBytes(head.end());
        to.pass(out, 0, out.readableBytes());
        if (client == to) {
            to.account().bytesOut = 0;
            to.startTunnel(this);
            Tunnel through = tunnel;
            if (through != null && in.isReadable()) {
                through.read(this, in);
            }
        }
        return false;
    }

    /// Sends the final head together with as much of the body as has come with it.
    private void finalHead(ClientConnection to, ByteBuf in, byte[] b, ResponseHead head) {
        Exchange exchange = to.exchange();
        boolean able = head.status() < 502 || head.status() > 504;
        if (!able && to.dispatch().goesElsewhere(this)) {
            in.skipBytes(in.readableBytes());
            return;
        }
        long now = System.nanoTime();
        endpoint.observe(loop.index, now - sentNanos, able);
        to.answeredBy(endpoint);
        if (head.status() < 400) {
            // Servers of other protocols at most complain about a request.
            to.answeredAsHttp();
        }
        reusable = head.persistent() && !exchange.http10;
        keepAliveSeconds = head.keepAliveSeconds();
        int available = in.readableBytes() - head.end();
        int bodyStart = in.readerIndex() + head.end();
        boolean done = false;
        int body = 0;
        if (head.bodiless(exchange.method == io.pm2j.proxy.http.Method.HEAD)) {
            done = true;
        } else if (head.chunked()) {
            at = At.CHUNKED;
            scanner().reset();
        } else if (head.contentLength() >= 0) {
            at = At.LENGTH;
            left = head.contentLength();
            body = (int) Math.min(left, available);
            left -= body;
            done = left == 0;
        } else {
            at = At.UNTIL_CLOSE;
            reusable = false;
            exchange.closeAfter = true;
            body = available;
        }
        if (!done && head.contentLength() < 0 && EventStream.is(b, head)) {
            EventEnds of = new EventEnds();
            of.pass(in, bodyStart, body);
            events = of;
            streams();
        }
        boolean close = to.closesAfterThis();
        to.account().head(head.status(), endpoint, now);
        loop.tally.one(Count.ofStatus(head.status()));
        exchange.committed = true;
        ResponseEdits edits = exchange.response;
        edits.drop(b, head);
        if (HeadEditor.verbatim(head, close) && !edits.any()) {
            to.pass(in, in.readerIndex(), head.end() + body);
        } else {
            ByteBuf out = loop.out.clear();
            HeadEditor.response(b, head, out, close, false, edits.lines());
            int fits = Math.min(body, out.writableBytes());
            out.writeBytes(in, bodyStart, fits);
            to.pass(out, 0, out.readableBytes());
            if (fits < body) {
                to.pass(in, bodyStart + fits, body - fits);
            }
        }
        to.account().bytesOut = body;
        in.skipBytes(head.end() + body);
        if (done) {
            done(to, in);
        } else if (times.idleMs() < times.headMs()) {
            loop.deadlines.by(this, Limits.after(movedMs, times.idleMs()));
        }
    }

    private ChunkScanner scanner() {
        ChunkScanner known = chunks;
        if (known == null) {
            known = new ChunkScanner();
            chunks = known;
        }
        return known;
    }

    private boolean length(ClientConnection to, ByteBuf in) {
        int step = (int) Math.min(left, in.readableBytes());
        pass(to, in, step);
        left -= step;
        if (left == 0) {
            done(to, in);
        }
        return left > 0;
    }

    private boolean chunked(ClientConnection to, ByteBuf in) {
        ChunkScanner scanner = scanner();
        int from = in.readerIndex();
        int end = scanner.feed(in, from, in.writerIndex());
        Violation bad = scanner.violation();
        if (bad != null) {
            return bad(to, bad);
        }
        pass(to, in, scanner.passed() - from);
        in.readerIndex(end);
        if (scanner.done()) {
            if (scanner.endsWithoutTrailers()) {
                ByteBuf out = loop.out.clear().writeByte('\r').writeByte('\n');
                to.pass(out, 0, 2);
            }
            done(to, in);
            return false;
        }
        return true;
    }

    private void done(ClientConnection to, ByteBuf in) {
        if (client != to) {
            return;
        }
        if (in.isReadable()) {
            reusable = false;
            in.skipBytes(in.readableBytes());
        }
        boolean requestDone = to.exchange().requestDone;
        finish(requestDone);
        to.responseDone();
    }

    /// What the origin sent is not HTTP as it must be: the connection is not used again.
    private boolean bad(ClientConnection to, Violation why) {
        loop.tally.refused(why);
        abandon();
        to.badResponse();
        return false;
    }

    // ---- deadlines -----------------------------------------------------------------------------------

    @Override
    long due(long nowMs) {
        if (ending()) {
            long next = writeDue(nowMs, loop.limits.clientWriteMs());
            if (next <= nowMs) {
                overdue(Overdue.WRITE);
                reset();
                return NEVER;
            }
            return next;
        }
        return switch (at) {
            case CONNECTING -> connectDue(nowMs);
            case IDLE -> leased ? NEVER : poolDue(nowMs);
            case HEAD, LENGTH, CHUNKED, UNTIL_CLOSE -> responseDue(nowMs);
            case TUNNEL -> NEVER;
        };
    }

    /// Closing cancels the connecting, and its listener tells the client.
    private long connectDue(long nowMs) {
        long end = Limits.after(movedMs, times.connectMs());
        if (nowMs < end) {
            return end;
        }
        overdue(Overdue.CONNECT);
        timedOut = true;
        channel().close();
        return NEVER;
    }

    private long poolDue(long nowMs) {
        if (nowMs < expiresAt) {
            return expiresAt;
        }
        overdue(Overdue.UPSTREAM_IDLE);
        channel().close();
        return NEVER;
    }

    /// The worker is only to blame while it is its turn: it has all of the request that there is, or takes
    /// nothing of it, and the client takes what comes.
    private long responseDue(long nowMs) {
        ClientConnection serving = client;
        if (serving == null) {
            return NEVER;
        }
        boolean itsTurn = isReading() && (hasQueued() || serving.awaitsWorker());
        if (tookSome(nowMs) || !itsTurn) {
            movedMs = nowMs;
        }
        long end = Limits.after(movedMs, at == At.HEAD ? times.headMs() : times.idleMs());
        if (nowMs < end) {
            return hasQueued() ? Math.min(end, nowMs + loop.writeLookMs) : end;
        }
        overdue(Overdue.RESPONSE);
        if (at == At.HEAD) {
            endpoint.observe(loop.index, nowMs - movedMs, false);
        }
        boolean framed = at != At.UNTIL_CLOSE;
        abandon();
        if (!serving.dispatch().goesOnElsewhere(this)) {
            serving.workerOverdue(framed);
        }
        return NEVER;
    }

    @Override
    boolean waitsAtFin() {
        ClientConnection to = client;
        return to != null && tunnel == null && to.exchange().requestDone && !hasQueued();
    }

    @Override
    void inputEnded() {
        Tunnel through = tunnel;
        ClientConnection serving = client;
        if (through != null) {
            through.inputEnded(this);
        } else if (serving != null && at == At.UNTIL_CLOSE) {
            finish(serving.exchange().requestDone);
            serving.responseDone();
        } else {
            channel().close();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Tunnel through = tunnel;
        ClientConnection serving = client;
        if (through != null) {
            through.writabilityChanged(this);
        } else if (serving != null) {
            serving.upstreamWritable(ctx.channel().isWritable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ByteBuf rest = takeHeld();
        if (rest != null) {
            rest.release();
        }
        if (!leased) {
            loop.removeIdle(endpoint, this);
        }
        ClientConnection serving = client;
        Tunnel through = tunnel;
        boolean framed = at != At.UNTIL_CLOSE;
        client = null;
        tunnel = null;
        giveLeaseBack();
        if (through != null) {
            through.closed(this);
        } else if (serving != null) {
            if (at == At.IDLE) {
                serving.dispatch().connectFailed(this);
            } else {
                serving.dispatch().died(this, framed);
            }
        }
    }
}
