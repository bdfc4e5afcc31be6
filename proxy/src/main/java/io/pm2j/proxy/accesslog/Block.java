package io.pm2j.proxy.accesslog;

import org.jspecify.annotations.Nullable;

/// A run of lines on its way from an event loop to the writer. Belongs to one of them at a time.
///
/// Its methods do not look for room: whoever begins a line has made sure of the most it can take.
final class Block {
    static final int SIZE = 64 * 1024;
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    /// Where it goes back to; null for the writer's own.
    final @Nullable LoopAccessLog owner;
    final byte[] bytes = new byte[SIZE];
    int length;
    int lines;

    Block(@Nullable LoopAccessLog owner) {
        this.owner = owner;
    }

    int room() {
        return SIZE - length;
    }

    void clear() {
        length = 0;
        lines = 0;
    }

    void put(int b) {
        bytes[length++] = (byte) b;
    }

    void put(byte[] more) {
        put(more, 0, more.length);
    }

    void put(byte[] from, int start, int end) {
        System.arraycopy(from, start, bytes, length, end - start);
        length += end - start;
    }

    void hex(int b) {
        put(HEX[(b >> 4) & 15]);
        put(HEX[b & 15]);
    }

    /// A count: what is below 0 is 0.
    void number(long count) {
        long value = Math.max(0, count);
        int end = length + digits(value);
        length = end;
        long rest = value;
        do {
            bytes[--end] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
    }

    /// Nanoseconds as milliseconds with three decimals.
    void millis(long nanos) {
        long micros = Math.max(0, nanos) / 1_000;
        number(micros / 1_000);
        put('.');
        int rest = (int) (micros % 1_000);
        put('0' + rest / 100);
        put('0' + rest / 10 % 10);
        put('0' + rest % 10);
    }

    void endLine() {
        put('\n');
        lines++;
    }

    private static int digits(long value) {
        int n = 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            n++;
        }
        return n;
    }
}
