package io.pm2j.proxy.admission;

import java.util.concurrent.atomic.AtomicBoolean;

/// A request's place among the requests at once. Given back once, however often it is left.
public final class Ticket {
    public static final Ticket NONE = new Ticket(() -> {});

    private final AtomicBoolean left = new AtomicBoolean();
    private final Runnable giveBack;

    Ticket(Runnable giveBack) {
        this.giveBack = giveBack;
    }

    public void leave() {
        if (this != NONE && left.compareAndSet(false, true)) {
            giveBack.run();
        }
    }
}
