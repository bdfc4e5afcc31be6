package io.pm2j.proxy.forward;

/// A deadline that has passed: what it is counted as, and why the connection ends, in a few words.
enum Overdue {
    CLIENT_IDLE(Count.IDLE_CLIENTS_CLOSED, "idle between requests"),
    REQUEST_HEAD(Count.HEAD_TIMEOUTS, "the request head was not complete in time"),
    REQUEST_BODY(Count.BODY_TIMEOUTS, "the request body came too slowly"),
    WRITE(Count.WRITE_TIMEOUTS, "nothing was taken of what was to be sent"),
    UPSTREAM_IDLE(Count.IDLE_UPSTREAMS_CLOSED, "idle in the pool"),
    CONNECT(Count.CONNECT_TIMEOUTS, "the worker did not take the connection in time"),
    RESPONSE(Count.RESPONSE_TIMEOUTS, "no progress of the response"),
    HOLD(Count.HOLD_TIMEOUTS, "no worker was admitted in time"),
    TUNNEL_IDLE(Count.TUNNEL_TIMEOUTS, "nothing passed through the tunnel"),
    EXCHANGE(Count.EXCHANGE_TIMEOUTS, "the exchange took too long");

    final Count count;
    final String reason;

    Overdue(Count count, String reason) {
        this.count = count;
        this.reason = reason;
    }
}
