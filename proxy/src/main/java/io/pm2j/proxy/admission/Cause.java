package io.pm2j.proxy.admission;

/// Why the edge answered by itself: the access log's `cause`, the key that asked for it where
/// there is one.
public enum Cause {
    MAINTENANCE("maintenance"),
    DENIED("denied"),
    TOO_LARGE("max_body"),
    TOO_MANY("max_connections"),
    TOO_MANY_OF_CLIENT("max_connections_per_ip"),
    RATE("rate_limit"),
    PREFLIGHT("cors_preflight"),
    NOT_PROVEN("basic_auth"),
    PASSWORDS_BUSY("basic_auth_busy"),
    REFUSED("forward_auth"),
    ASKED_IN_VAIN("forward_auth_failed");

    private final String word;

    Cause(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
