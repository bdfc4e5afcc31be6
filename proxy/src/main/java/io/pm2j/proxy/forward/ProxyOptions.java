package io.pm2j.proxy.forward;

import java.time.Duration;

/// Limits and timeouts of the data path. A zero duration means no limit where it says so.
///
/// - `maxHeadBytes`, `maxRequestLine`, `maxFields`: what a head may have before it is refused
/// - `holdTimeout`, `maxWaiting`: how long, and how many, requests wait for an endpoint
/// - `clientIdle`: silence before the first request and between requests
/// - `headTimeout`: from the first byte of a head to its last
/// - `minBodyRate`, `bodyGrace`: bytes a second that a request body must bring, averaged over each grace;
///   time in which we hold back reading does not count; a rate of 0 is no limit
/// - `halfCloseGrace`: how long a client that has ended its side may still be answered
/// - `clientWrite`: how long a client may take nothing of what is to be sent to it; zero is no limit
/// - `upstreamIdle`: how long an idle upstream connection is kept when the origin gave no hint
/// - `connectTimeout`: for one attempt at a TCP origin; zero is no limit
/// - `responseTimeout`: how long a worker whose turn it is may neither send nor take a byte; zero is no limit
/// - `tunnelIdle`: how long nothing may pass through a tunnel; zero is no limit
/// - `exchangeTotal`: from a request to the end of its response, or of its tunnel; zero is no limit
/// - `directSend`: write straight from the handler where possible
/// - `splice`: move large bodies from socket to socket inside the kernel where possible
public record ProxyOptions(
        int maxHeadBytes,
        int maxRequestLine,
        int maxFields,
        Duration holdTimeout,
        int maxWaiting,
        Duration clientIdle,
        Duration headTimeout,
        int minBodyRate,
        Duration bodyGrace,
        Duration halfCloseGrace,
        Duration clientWrite,
        Duration upstreamIdle,
        Duration connectTimeout,
        Duration responseTimeout,
        Duration tunnelIdle,
        Duration exchangeTotal,
        boolean directSend,
        boolean splice) {
    /// A restarting worker is usually back by then, and a client rarely waits longer.
    public static final Duration HOLD_TIMEOUT = Duration.ofSeconds(10);

    /// What nginx has; longer than the 60 s for which common clients and load balancers reuse a connection.
    public static final Duration CLIENT_IDLE = Duration.ofSeconds(75);

    /// A head fits into a few packets: whoever needs longer than some retransmissions does it on purpose.
    public static final Duration HEAD_TIMEOUT = Duration.ofSeconds(10);

    /// What Apache asks for: below the slowest mobile network, above what makes an attack cheap.
    public static final int MIN_BODY_RATE = 500;

    /// Long enough for a lost packet or a change of network not to count.
    public static final Duration BODY_GRACE = Duration.ofSeconds(10);

    /// Enough for the answer to a request sent just before; most who end their side are gone.
    public static final Duration HALF_CLOSE_GRACE = Duration.ofSeconds(5);

    /// A reader that is merely slow takes some bytes every few seconds.
    public static final Duration CLIENT_WRITE = Duration.ofSeconds(30);

    /// A second less than the five after which Node closes an idle connection.
    public static final Duration UPSTREAM_IDLE = Duration.ofSeconds(4);

    /// Workers are on this host: a connection not taken by then meets a full queue, not a slow network.
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /// What nginx users know as `proxy_read_timeout`; long polls commonly end before it.
    public static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(60);

    public static ProxyOptions defaults() {
        return new ProxyOptions(
                32 * 1024,
                16 * 1024,
                100,
                HOLD_TIMEOUT,
                1_000,
                CLIENT_IDLE,
                HEAD_TIMEOUT,
                MIN_BODY_RATE,
                BODY_GRACE,
                HALF_CLOSE_GRACE,
                CLIENT_WRITE,
                UPSTREAM_IDLE,
                CONNECT_TIMEOUT,
                RESPONSE_TIMEOUT,
                // A quiet WebSocket is a healthy one, and a download takes as long as it takes.
                Duration.ZERO,
                Duration.ZERO,
                true,
                true);
    }

    public ProxyOptions {
        if (maxHeadBytes < 1024 || maxHeadBytes > 48 * 1024) {
            throw new IllegalArgumentException("maxHeadBytes: " + maxHeadBytes + " (expected: 1024 to 49152)");
        }
        if (minBodyRate < 0) {
            throw new IllegalArgumentException("minBodyRate: " + minBodyRate + " (expected: >= 0)");
        }
        positive("clientIdle", clientIdle);
        positive("headTimeout", headTimeout);
        positive("bodyGrace", bodyGrace);
        notNegative("holdTimeout", holdTimeout);
        notNegative("halfCloseGrace", halfCloseGrace);
        notNegative("clientWrite", clientWrite);
        notNegative("upstreamIdle", upstreamIdle);
        notNegative("connectTimeout", connectTimeout);
        notNegative("responseTimeout", responseTimeout);
        notNegative("tunnelIdle", tunnelIdle);
        notNegative("exchangeTotal", exchangeTotal);
    }

    private static void positive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0s)");
        }
    }

    private static void notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0s)");
        }
    }

    public ProxyOptions withHeads(int mostBytes, int longestLine, int mostFields) {
        Draft draft = new Draft(this);
        draft.maxHeadBytes = mostBytes;
        draft.maxRequestLine = longestLine;
        draft.maxFields = mostFields;
        return draft.options();
    }

    public ProxyOptions withHold(Duration timeout, int waiting) {
        Draft draft = new Draft(this);
        draft.hold = timeout;
        draft.maxWaiting = waiting;
        return draft.options();
    }

    public ProxyOptions withClientTimeouts(Duration idle, Duration head, Duration halfClose) {
        Draft draft = new Draft(this);
        draft.clientIdle = idle;
        draft.head = head;
        draft.halfClose = halfClose;
        return draft.options();
    }

    public ProxyOptions withBodyRate(int bytesPerSecond, Duration grace) {
        Draft draft = new Draft(this);
        draft.minBodyRate = bytesPerSecond;
        draft.bodyGrace = grace;
        return draft.options();
    }

    public ProxyOptions withClientWrite(Duration limit) {
        Draft draft = new Draft(this);
        draft.clientWrite = limit;
        return draft.options();
    }

    public ProxyOptions withUpstreamTimeouts(Duration idle, Duration connect, Duration response) {
        Draft draft = new Draft(this);
        draft.upstreamIdle = idle;
        draft.connect = connect;
        draft.response = response;
        return draft.options();
    }

    public ProxyOptions withTunnelIdle(Duration limit) {
        Draft draft = new Draft(this);
        draft.tunnelIdle = limit;
        return draft.options();
    }

    public ProxyOptions withExchangeTotal(Duration limit) {
        Draft draft = new Draft(this);
        draft.exchange = limit;
        return draft.options();
    }

    public ProxyOptions withDirectSend(boolean direct) {
        Draft draft = new Draft(this);
        draft.directSend = direct;
        return draft.options();
    }

    public ProxyOptions withSplice(boolean splices) {
        Draft draft = new Draft(this);
        draft.splice = splices;
        return draft.options();
    }

    /// The components that can be changed one by one.
    private static final class Draft {
        private int maxHeadBytes;
        private int maxRequestLine;
        private int maxFields;
        private Duration hold;
        private int maxWaiting;
        private Duration clientIdle;
        private Duration head;
        private int minBodyRate;
        private Duration bodyGrace;
        private Duration halfClose;
        private Duration clientWrite;
        private Duration upstreamIdle;
        private Duration connect;
        private Duration response;
        private Duration tunnelIdle;
        private Duration exchange;
        private boolean directSend;
        private boolean splice;

        Draft(ProxyOptions from) {
            maxHeadBytes = from.maxHeadBytes;
            maxRequestLine = from.maxRequestLine;
            maxFields = from.maxFields;
            hold = from.holdTimeout;
            maxWaiting = from.maxWaiting;
            clientIdle = from.clientIdle;
            head = from.headTimeout;
            minBodyRate = from.minBodyRate;
            bodyGrace = from.bodyGrace;
            halfClose = from.halfCloseGrace;
            clientWrite = from.clientWrite;
            upstreamIdle = from.upstreamIdle;
            connect = from.connectTimeout;
            response = from.responseTimeout;
            tunnelIdle = from.tunnelIdle;
            exchange = from.exchangeTotal;
            directSend = from.directSend;
            splice = from.splice;
        }

        ProxyOptions options() {
            return new ProxyOptions(
                    maxHeadBytes,
                    maxRequestLine,
                    maxFields,
                    hold,
                    maxWaiting,
                    clientIdle,
                    head,
                    minBodyRate,
                    bodyGrace,
                    halfClose,
                    clientWrite,
                    upstreamIdle,
                    connect,
                    response,
                    tunnelIdle,
                    exchange,
                    directSend,
                    splice);
        }
    }
}
