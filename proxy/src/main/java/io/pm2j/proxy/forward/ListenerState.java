package io.pm2j.proxy.forward;

/// What the connections of one listener share.
public final class ListenerState {
    /// Who speaks first here, learned from the connections.
    enum Speaks {
        UNKNOWN,
        HTTP,
        SERVER_FIRST
    }

    private final Target target;
    private final ListenerOptions options;
    private volatile Speaks speaks = Speaks.UNKNOWN;
    private volatile boolean closing;
    private volatile int port;

    public ListenerState(Target target, ListenerOptions options) {
        this.target = target;
        this.options = options;
    }

    ListenerOptions options() {
        return options;
    }

    Target target() {
        return target;
    }

    Speaks speaks() {
        return speaks;
    }

    void learned(Speaks what) {
        if (speaks == Speaks.UNKNOWN) {
            speaks = what;
        }
    }

    public void bound(int actualPort) {
        port = actualPort;
    }

    int port() {
        return port;
    }

    public void startClosing() {
        closing = true;
    }

    boolean closing() {
        return closing;
    }
}
