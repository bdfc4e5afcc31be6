package io.pm2j.proxy.client;

/// Who a request comes from: the peer, or whom trusted proxies name.
///
/// @param address [IpAddress#NONE] when nothing but a Unix socket is known of it
/// @param ip `address` as text, empty with it
/// @param scheme `http` or `https`: what the client spoke
/// @param host what trusted proxies say it asked for, with a port if any; else empty
/// @param port where the client connected to; 0 when it is not known
public record Client(IpAddress address, String ip, String scheme, String host, int port) {}
