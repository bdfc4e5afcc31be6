package io.pm2j.proxy.upstream;

/// One place requests can go to. Its identity is `id` alone: the same id is the same endpoint,
/// and the origin it was admitted with last is where new connections go. `weight` is its share beside the others'.
public record EndpointSpec(long id, Origin origin, int weight) {
    public EndpointSpec {
        if (weight < 1) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: >= 1)");
        }
    }

    /// With the share of one.
    public EndpointSpec(long id, Origin origin) {
        this(id, origin, 1);
    }
}
