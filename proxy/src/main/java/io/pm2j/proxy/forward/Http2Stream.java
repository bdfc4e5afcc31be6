package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import io.netty.util.internal.PlatformDependent;
import io.pm2j.proxy.http2.ChunkedBody;
import io.pm2j.proxy.http2.RequestHeads;
import io.pm2j.proxy.http2.ResponseHeads;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Between a stream of HTTP/2 and its [ClientConnection], for which it is a connection of HTTP/1.1 with one request.
///
/// The newest frame of the response is kept back until the loop has nothing else to do: the response may be
/// over with it, which the frame then says.
final class Http2Stream extends ChannelDuplexHandler {
    /// Behind a whole response. A stream that is closed without it is reset, so that nobody takes a part for the whole.
    static final Object END = new Object();

    private static final int CHUNK_FRAMING = 24;
    /// What a client takes is seen frame by frame; the largest that one has to take (RFC 9113 §4.2).
    private static final int MOST_IN_A_FRAME = 16 * 1024;
    private static final int REST_SECONDS = 1;
    /// Of all memory for buffers, how much may hold what nobody takes yet.
    private static final long MOST_WAITING = PlatformDependent.maxDirectMemory() / 4;
    private static final AtomicLong ALL_WAITING = new AtomicLong();

    /// A part of the body, and how much of the stream's window it has taken.
    private record Piece(ByteBuf data, boolean ends, int window) {}

    // ---- of the request
    private boolean begun;
    private boolean chunked;
    private long left;
    private boolean requestEnded;
    /// What came while reading was paused. It is taken from the channel all the same: that keeps what it has from a
    /// stream that was reset meanwhile for ever, and with it the end.
    private final ArrayDeque<Piece> waiting = new ArrayDeque<>(0);
    private boolean returning;

    // ---- of the response
    private boolean headSent;
    private @Nullable ChunkedBody chunks;
    private @Nullable Http2Headers keptHead;
    private @Nullable ByteBuf keptData;
    private @Nullable ChannelPromise keptPromise;
    private @Nullable ChannelFuture last;
    private boolean ended;
    private boolean flushing;
    private long sent;
    private final ChannelFutureListener counted = _ -> sent++;

    /// How many frames the client has taken.
    long sent() {
        return sent;
    }

    // ---- the request ---------------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        switch (msg) {
            case Http2HeadersFrame head when !begun -> begin(ctx, head);
            case Http2HeadersFrame trailers when !RequestHeads.isTrailer(trailers.headers()) -> malformed(ctx);
            case Http2HeadersFrame trailers -> came(ctx, new Piece(Unpooled.EMPTY_BUFFER, trailers.isEndStream(), 0));
            case Http2DataFrame data ->
                came(ctx, new Piece(data.content(), data.isEndStream(), data.initialFlowControlledBytes()));
            default -> ReferenceCountUtil.release(msg);
        }
    }

    private void begin(ChannelHandlerContext ctx, Http2HeadersFrame head) {
        begun = true;
        requestEnded = head.isEndStream();
        ByteBuf out = ctx.alloc().directBuffer();
        long length = RequestHeads.write(head.headers(), requestEnded, out);
        if (length == RequestHeads.MALFORMED) {
            out.release();
            malformed(ctx);
            return;
        }
        chunked = length == RequestHeads.CHUNKED;
        left = length;
        ctx.fireChannelRead(out);
    }

    private void came(ChannelHandlerContext ctx, Piece piece) {
        requestEnded = piece.ends;
        if (ended) {
            // Nobody wants it any more, and the client is not invited to send the rest.
            piece.data.release();
        } else if (waiting.isEmpty() && ctx.channel().config().isAutoRead()) {
            take(ctx, piece);
        } else if (ALL_WAITING.addAndGet(piece.window) > MOST_WAITING) {
            ALL_WAITING.addAndGet(-piece.window);
            piece.data.release();
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.ENHANCE_YOUR_CALM));
            ctx.close();
        } else {
            // A slice would keep all that was read with it.
            ByteBuf own = ctx.alloc().directBuffer(piece.data.readableBytes()).writeBytes(piece.data);
            piece.data.release();
            waiting.add(new Piece(own, piece.ends, piece.window));
        }
    }

    private void take(ChannelHandlerContext ctx, Piece piece) {
        data(ctx, piece.data, piece.ends);
        if (piece.window > 0 && !piece.ends && !ended && ctx.channel().isActive()) {
            ctx.write(new DefaultHttp2WindowUpdateFrame(piece.window));
        }
    }

    /// `in` is released here or by who reads it.
    private void data(ChannelHandlerContext ctx, ByteBuf in, boolean ends) {
        int length = in.readableBytes();
        if (chunked) {
            ByteBuf out = ctx.alloc().directBuffer(length + CHUNK_FRAMING);
            if (length > 0) {
                out.writeCharSequence(Integer.toHexString(length) + "\r\n", StandardCharsets.US_ASCII);
                out.writeBytes(in).writeByte('\r').writeByte('\n');
            }
            if (ends) {
                out.writeCharSequence("0\r\n\r\n", StandardCharsets.US_ASCII);
            }
            in.release();
            pass(ctx, out);
            return;
        }
        left -= length;
        // RFC 9113 §8.1.1
        if (left < 0 || ends && left > 0) {
            in.release();
            malformed(ctx);
        } else {
            pass(ctx, in);
        }
    }

    private static void pass(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.isReadable()) {
            ctx.fireChannelRead(in);
        } else {
            in.release();
        }
    }

    private static void malformed(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR));
        ctx.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        if (!ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    /// Who wants to read on may be in the midst of something.
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (waiting.isEmpty()) {
            ctx.read();
        } else if (!returning) {
            returning = true;
            ctx.executor().execute(() -> goOn(ctx));
        }
    }

    private void goOn(ChannelHandlerContext ctx) {
        returning = false;
        while (!waiting.isEmpty() && ctx.channel().config().isAutoRead()) {
            Piece piece = waiting.remove();
            ALL_WAITING.addAndGet(-piece.window);
            take(ctx, piece);
        }
        ctx.flush();
    }

    private void forget() {
        for (Piece piece : waiting) {
            ALL_WAITING.addAndGet(-piece.window);
            piece.data.release();
        }
        waiting.clear();
    }

    /// Events of a stream are no events of a connection. When it has been reset its channel is closed next.
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ReferenceCountUtil.release(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
            ctx.fireExceptionCaught(cause);
        } else {
            Loop.LOG.debug("{}: {}", ctx.channel(), cause.toString());
        }
    }

    // ---- the response --------------------------------------------------------------------------------

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (msg == END) {
            end(ctx, promise);
            return;
        }
        ByteBuf in = (ByteBuf) msg;
        try {
            translate(ctx, in);
        } finally {
            in.release();
        }
        ChannelPromise kept = keptPromise;
        ChannelFuture before = kept == null ? last : kept;
        if (before == null) {
            promise.setSuccess();
        } else {
            PromiseNotifier.cascade(before, promise);
        }
    }

    private void translate(ChannelHandlerContext ctx, ByteBuf in) {
        while (in.isReadable()) {
            if (!headSent) {
                ResponseHeads.Head head = ResponseHeads.read(in);
                emit(ctx, false);
                keptHead = head.fields();
                keptPromise = ctx.newPromise();
                headSent = !head.interim();
                chunks = head.chunked() && headSent ? new ChunkedBody() : null;
                if (head.interim()) {
                    emit(ctx, false);
                }
                continue;
            }
            ChunkedBody cut = chunks;
            ByteBuf piece = cut == null
                    ? in.readRetainedSlice(Math.min(MOST_IN_A_FRAME, in.readableBytes()))
                    : cut.next(in, MOST_IN_A_FRAME);
            if (piece != null) {
                emit(ctx, false);
                keptData = piece;
                keptPromise = ctx.newPromise();
            }
        }
    }

    private void end(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (keptPromise == null) {
            keptData = ctx.alloc().buffer(0);
            keptPromise = ctx.newPromise();
        }
        PromiseNotifier.cascade(keptPromise, promise);
        ended = true;
        forget();
        emit(ctx, true);
        ChannelFuture whole = last;
        if (!requestEnded && whole != null) {
            // RFC 9113 §8.1: the rest of the request is of no use. What is on its way already, or its end, may come
            // yet.
            whole.addListener(_ -> ctx.executor().schedule(() -> endRequest(ctx), REST_SECONDS, TimeUnit.SECONDS));
        }
    }

    private void endRequest(ChannelHandlerContext ctx) {
        if (!requestEnded && ctx.channel().isActive()) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
        }
    }

    private void emit(ChannelHandlerContext ctx, boolean ends) {
        ChannelPromise promise = keptPromise;
        Http2Headers head = keptHead;
        ByteBuf data = keptData;
        keptPromise = null;
        keptHead = null;
        keptData = null;
        if (promise == null) {
            return;
        }
        last = promise;
        promise.addListener(counted);
        if (head != null) {
            ctx.write(new DefaultHttp2HeadersFrame(head, ends), promise);
        } else if (data != null) {
            ctx.write(new DefaultHttp2DataFrame(data, ends), promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (keptPromise == null) {
            ctx.flush();
        } else if (!flushing) {
            flushing = true;
            ctx.executor().execute(() -> {
                flushing = false;
                emit(ctx, false);
                ctx.flush();
            });
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        drop();
        ChannelFuture whole = last;
        if (ctx.channel().isActive() && begun && (!ended || whole != null && !whole.isDone())) {
            // RFC 9113 §8.1: no end that could be taken for the whole.
            ctx.write(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
        }
        ctx.flush();
        ctx.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        drop();
        ctx.fireChannelInactive();
    }

    private void drop() {
        forget();
        ByteBuf data = keptData;
        ChannelPromise promise = keptPromise;
        keptHead = null;
        keptData = null;
        keptPromise = null;
        if (data != null) {
            data.release();
        }
        if (promise != null) {
            promise.setFailure(new ClosedChannelException());
        }
    }
}
