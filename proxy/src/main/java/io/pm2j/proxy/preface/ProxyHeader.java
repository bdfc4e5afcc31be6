package io.pm2j.proxy.preface;

import java.net.InetSocketAddress;

/// What the first bytes of a connection are, as a PROXY header.
public sealed interface ProxyHeader {
    /// Not all of it has come; what has is right.
    record Incomplete() implements ProxyHeader {}

    /// It is none, or a malformed one.
    record Malformed(String why) implements ProxyHeader {}

    /// The connection is the sender's own (LOCAL, such as a health check), or it does not know
    /// for whom it
    /// is (UNKNOWN): the addresses of the connection itself count. The header has `length` bytes.
    record Unnamed(int length) implements ProxyHeader {}

    /// It is carried for the client at `source`, who connected to `destination`.
    record Named(int length, InetSocketAddress source, InetSocketAddress destination) implements ProxyHeader {}
}
