package io.pm2j.proxy.upstream;

import java.util.concurrent.atomic.LongAdder;

/// How often something happens in a second, measured over the last ones; roughly, from any thread.
final class Pace {
    private static final long WINDOW_NANOS = 2_000_000_000L;

    private final LongAdder count = new LongAdder();
    private volatile Mark earlier = new Mark(System.nanoTime(), 0);
    private volatile Mark later = earlier;

    private record Mark(long atNanos, long count) {}

    void one() {
        count.increment();
    }

    double perSecond(long nowNanos) {
        if (nowNanos - later.atNanos > WINDOW_NANOS) {
            earlier = later;
            later = new Mark(nowNanos, count.sum());
        }
        Mark from = earlier;
        double seconds = (nowNanos - from.atNanos) / 1e9;
        return seconds < 0.01 ? 0 : (count.sum() - from.count) / seconds;
    }
}
