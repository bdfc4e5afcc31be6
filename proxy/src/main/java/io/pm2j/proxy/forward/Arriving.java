package io.pm2j.proxy.forward;

/// A connection on which no request can begin yet; on its loop.
sealed interface Arriving permits PrefaceGate, TlsGate {
    ListenerState listener();

    /// The loop comes to rest, or goes on.
    void rest(boolean on);

    /// Whether it can be handed on as it is.
    boolean rests();

    /// What the next program needs to go on.
    Resting handOn();

    void close();
}
