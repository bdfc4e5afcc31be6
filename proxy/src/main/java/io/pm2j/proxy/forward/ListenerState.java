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
    private volatile Speaks speaks = Speaks.UNKNOWN;
    private volatile boolean answersHttp;
    private volatile boolean closing;
    private volatile int port;

    public ListenerState(Target target) {
        this.target = target;
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

    /// Whether a request has been answered here: from then on whatever begins like text is judged as a
    /// request, so that a bad one is refused and not passed on as another protocol's.
    boolean answersHttp() {
        return answersHttp;
    }

    void learnedToAnswerHttp() {
        if (!answersHttp) {
            answersHttp = true;
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
