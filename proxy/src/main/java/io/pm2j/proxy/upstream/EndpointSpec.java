package io.pm2j.proxy.upstream;

/// One place requests can go to. Its identity is `id` alone: the same id is the same endpoint,
/// and the origin it was admitted with last is where new connections go.
public record EndpointSpec(long id, Origin origin) {}
