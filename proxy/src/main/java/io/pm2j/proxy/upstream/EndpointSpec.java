package io.pm2j.proxy.upstream;

/// One place requests can go to. Its identity is `id` alone: the same id is the same endpoint,
/// and the origin it was admitted with last is where new connections go.
///
/// @param weight its share beside the others'; with 0 it gets nothing but the sessions that stick to it
/// @param slot what stays when a worker follows another, the instance: sessions stick to it
public record EndpointSpec(long id, Origin origin, int weight, String slot) {
    public EndpointSpec {
        if (weight < 0) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: >= 0)");
        }
    }

    /// In a slot of its own.
    public EndpointSpec(long id, Origin origin, int weight) {
        this(id, origin, weight, Long.toString(id));
    }

    /// With the share of one.
    public EndpointSpec(long id, Origin origin) {
        this(id, origin, 1);
    }
}
