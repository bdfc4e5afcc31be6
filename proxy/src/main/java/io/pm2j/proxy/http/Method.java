package io.pm2j.proxy.http;

import org.jspecify.annotations.Nullable;

/// The methods that are treated specially; every other token is [#OTHER].
public enum Method {
    GET,
    HEAD,
    POST,
    PUT,
    DELETE,
    OPTIONS,
    PATCH,
    CONNECT,
    TRACE,
    OTHER;

    private final byte[] token = Tokens.ascii(name());

    /// Methods are case-sensitive (RFC 9110 §9.1).
    static Method of(byte[] bytes, int length) {
        @Nullable
        Method guess = switch (bytes[0]) {
            case 'G' -> GET;
            case 'H' -> HEAD;
            case 'D' -> DELETE;
            case 'O' -> OPTIONS;
            case 'C' -> CONNECT;
            case 'T' -> TRACE;
            case 'P' -> bytes[1] == 'O' ? POST : bytes[1] == 'U' ? PUT : PATCH;
            default -> null;
        };
        return guess != null && guess.is(bytes, length) ? guess : OTHER;
    }

    private boolean is(byte[] bytes, int length) {
        if (length != token.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[i] != token[i]) {
                return false;
            }
        }
        return true;
    }

    /// Whether sending it twice is the same as sending it once (RFC 9110 §9.2.2).
    public boolean idempotent() {
        return switch (this) {
            case GET, HEAD, OPTIONS, PUT, DELETE -> true;
            case POST, PATCH, CONNECT, TRACE, OTHER -> false;
        };
    }
}
