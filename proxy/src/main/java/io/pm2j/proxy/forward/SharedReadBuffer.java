package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/// Gives every read of one loop the same 64 KiB buffer, and a new one only when somebody kept the last.
///
/// One read per readiness event: sockets are watched level-triggered, so what is left is announced again.
final class SharedReadBuffer implements RecvByteBufAllocator {
    private static final int SIZE = 64 * 1024;
    private ByteBuf buffer = Unpooled.directBuffer(SIZE, SIZE);

    @Override
    @SuppressWarnings("deprecation")
    public Handle newHandle() {
        return new OneRead();
    }

    private ByteBuf take() {
        if (buffer.refCnt() != 1) {
            buffer.release();
            buffer = Unpooled.directBuffer(SIZE, SIZE);
        }
        return buffer.clear().retain();
    }

    void release() {
        buffer.release();
    }

    private final class OneRead implements ExtendedHandle {
        private int last;
        private int attempted;

        @Override
        public ByteBuf allocate(ByteBufAllocator ignored) {
            attempted = SIZE;
            return take();
        }

        @Override
        public int guess() {
            return SIZE;
        }

        @Override
        public void reset(ChannelConfig config) {
            last = 0;
        }

        @Override
        public void incMessagesRead(int count) {}

        @Override
        public void lastBytesRead(int bytes) {
            last = bytes;
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
