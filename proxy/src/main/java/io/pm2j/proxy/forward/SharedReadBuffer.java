package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Gives every read of one loop the same 64 KiB buffer, and a new one only when somebody kept the last.
///
/// One read per readiness event: sockets are watched level-triggered, so what is left is announced again.
final class SharedReadBuffer {
    private static final int SIZE = 64 * 1024;
    /// While too much waits to be sent, no read brings more than this.
    private static final int SMALL_SIZE = 8 * 1024;

    /// Ends a read that nobody wants: with a FIN at hand the channel reads to the end, paused or not, and this is
    /// the one way to stop it. It is not a failure, and closes nothing.
    static final RuntimeException PAUSED = new Paused();

    private final BooleanSupplier sparing;
    private ByteBuf buffer = Unpooled.directBuffer(SIZE, SIZE);
    private ByteBuf small = Unpooled.directBuffer(SMALL_SIZE, SMALL_SIZE);

    SharedReadBuffer(BooleanSupplier sparing) {
        this.sparing = sparing;
    }

    /// Where a channel gets its buffers from; `wire` is asked to splice first where much is at hand.
    @SuppressWarnings("deprecation")
    RecvByteBufAllocator of(@Nullable Wire wire) {
        return () -> new OneRead(wire);
    }

    private ByteBuf take() {
        return sparing.getAsBoolean() ? takeSmall() : takeLarge();
    }

    private ByteBuf takeSmall() {
        if (small.refCnt() != 1) {
            small.release();
            small = Unpooled.directBuffer(SMALL_SIZE, SMALL_SIZE);
        }
        return small.clear().retain();
    }

    private ByteBuf takeLarge() {
        if (buffer.refCnt() != 1) {
            buffer.release();
            buffer = Unpooled.directBuffer(SIZE, SIZE);
        }
        return buffer.clear().retain();
    }

    void release() {
        buffer.release();
        small.release();
    }

    private static final class Paused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Paused() {
            super("paused", null, false, false);
        }
    }

    private final class OneRead implements RecvByteBufAllocator.ExtendedHandle {
        private final @Nullable Wire wire;
        /// Since the last readiness event.
        private int reads;
        private int last;
        private int attempted;

        OneRead(@Nullable Wire wire) {
            this.wire = wire;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator ignored) {
            if (wire != null) {
                // The first read may bring the mere FIN, which is to be known at once.
                if (reads > 0 && wire.pausedAtFin()) {
                    throw PAUSED;
                }
                if (wire.plenty) {
                    wire.splice();
                }
            }
            ByteBuf taken = take();
            attempted = taken.capacity();
            return taken;
        }

        @Override
        public int guess() {
            return SIZE;
        }

        @Override
        public void reset(ChannelConfig config) {
            reads = 0;
            last = 0;
        }

        @Override
        public void incMessagesRead(int count) {
            reads += count;
        }

        @Override
        public void lastBytesRead(int bytes) {
            last = bytes;
            if (bytes == SIZE && wire != null) {
                wire.plenty = true;
            }
        }

        @Override
        public int lastBytesRead() {
            return last;
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            attempted = bytes;
        }

        @Override
        public int attemptedBytesRead() {
            return attempted;
        }

        @Override
        public boolean continueReading() {
            return false;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return false;
        }

        @Override
        public void readComplete() {}
    }
}
