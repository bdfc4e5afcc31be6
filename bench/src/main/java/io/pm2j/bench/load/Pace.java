package io.pm2j.bench.load;

/// When the next request is due.
public sealed interface Pace {
    /// Requests arrive on a clock, whether or not earlier ones were answered. A stall of the server therefore shows
    /// up in the latency of every request that was due meanwhile, instead of being left out.
    ///
    /// @param perSecond arrivals per second
    record OpenLoop(int perSecond) implements Pace {
        public OpenLoop {
            if (perSecond < 1) {
                throw new IllegalArgumentException("rate: " + perSecond + " (expected: >= 1)");
            }
        }
    }

    /// A fixed number of callers, each sending its next request when the last was answered.
    ///
    /// @param connections callers
    record ClosedLoop(int connections) implements Pace {
        public ClosedLoop {
            if (connections < 1) {
                throw new IllegalArgumentException("connections: " + connections + " (expected: >= 1)");
            }
        }
    }
}
