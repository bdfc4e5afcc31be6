package io.pm2j.proxy.upstream;

/// What requests usually take, as an average in the logarithm: one that takes a thousand times as
/// long as the rest moves it by little, a worker that is three times as slow shows after some dozens.
///
/// The logarithm to base 2 is a fixed-point number with [#BITS] fraction bits, linear between powers
/// of two, which is what the bits of a double are; so it costs no call. 0 is "not known".
final class Latency {
    static final long UNKNOWN = 0;

    private static final int BITS = 32;
    private static final int MANTISSA = 52;
    private static final long ONE = 1L << BITS;
    /// A new sample counts a 32nd.
    private static final int SAMPLE = 5;
    /// What a failure counts for: four times as long as usual, so that failing fast attracts nobody.
    private static final long PENALTY = 2 * ONE;
    /// Who has been passed over comes nearer to who was preferred by a 128th each time. So after 500 times
    /// in a row at most the difference is below [#NOISE], whatever it was, and it gets its next request.
    private static final int FORGET = 7;
    /// Below a factor of two a difference is noise.
    private static final long NOISE = ONE;
    /// And beyond one of sixteen it makes no difference how much more.
    private static final long MOST = 4 * ONE;
    private static final long LONGEST = 37 * ONE;

    private Latency() {}

    /// `usual` after one more request of `nanos`.
    static long after(long usual, long nanos, boolean ok) {
        long sample = log2(Math.max(nanos, 1_000));
        if (!ok) {
            sample = Math.min(Math.max(sample, usual) + PENALTY, LONGEST);
        }
        return usual == UNKNOWN ? sample : usual + ((sample - usual) >> SAMPLE);
    }

    /// The `loser` of a comparison, nearer to the winner if it was the slower one.
    static long passedOver(long loser, long winner) {
        return winner == UNKNOWN || loser <= winner ? loser : loser - ((loser - winner) >> FORGET);
    }

    /// How many times as long as `other` it takes `one`; 1 when that is not known.
    static double ratio(long one, long other) {
        if (one == UNKNOWN || other == UNKNOWN) {
            return 1;
        }
        long more = one - other;
        if (Math.abs(more) < NOISE) {
            return 1;
        }
        return exp2(Math.clamp(more, -MOST, MOST));
    }

    static long nanos(long usual) {
        return usual == UNKNOWN ? 0 : (long) exp2(usual);
    }

    private static long log2(long value) {
        return (Double.doubleToRawLongBits(value) - Double.doubleToRawLongBits(1)) >> (MANTISSA - BITS);
    }

    private static double exp2(long log) {
        return Double.longBitsToDouble((log << (MANTISSA - BITS)) + Double.doubleToRawLongBits(1));
    }
}
