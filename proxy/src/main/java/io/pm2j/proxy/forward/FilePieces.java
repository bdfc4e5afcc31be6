package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.stream.ChunkedInput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;

/// A part of a file that has to be encrypted: read piece by piece, as the client takes it. Closes the file.
final class FilePieces implements ChunkedInput<ByteBuf> {
    private static final int PIECE = 32 * 1024;

    private final FileChannel file;
    private final long from;
    private final long length;
    private long read;

    FilePieces(FileChannel file, long from, long length) {
        this.file = file;
        this.from = from;
        this.length = length;
    }

    @Override
    public boolean isEndOfInput() {
        return read == length;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    @Deprecated
    @Override
    public ByteBuf readChunk(ChannelHandlerContext ctx) throws IOException {
        return readChunk(ctx.alloc());
    }

    /// @throws EOFException when the file has become shorter than what was promised
    @Override
    public ByteBuf readChunk(ByteBufAllocator memory) throws IOException {
        int wanted = (int) Math.min(PIECE, length - read);
        ByteBuf piece = memory.directBuffer(wanted);
        try {
            int got = piece.writeBytes(file, from + read, wanted);
            if (got <= 0) {
                throw new EOFException("a file has become shorter while it was sent");
            }
            read += got;
            return piece.retain();
        } finally {
            piece.release();
        }
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long progress() {
        return read;
    }
}
