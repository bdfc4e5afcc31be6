package io.pm2j.proxy.health;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.pm2j.proxy.http.HeadScanner;
import io.pm2j.proxy.http.ResponseHead;
import io.pm2j.proxy.http.Tokens;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One request and the head of its response. Once there is a result, everything is closed.
final class Question extends ChannelInboundHandlerAdapter {
    private static final int MOST_HEAD = 16 * 1024;
    private static final int MOST_FIELDS = 200;

    private final String host;
    private final String path;
    private final Duration timeout;
    private final CompletableFuture<ProbeResult> result;
    private final long startNanos = System.nanoTime();
    private final HeadScanner scanner = new HeadScanner(MOST_HEAD, MOST_FIELDS);
    private final ResponseHead head = new ResponseHead();
    private final byte[] bytes = new byte[MOST_HEAD + Tokens.PADDING];
    private int length;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> alarm;

    Question(String host, String path, Duration timeout, CompletableFuture<ProbeResult> result) {
        this.host = host;
        this.path = path;
        this.timeout = timeout;
        this.result = result;
    }

    private Duration took() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    void fail(String why) {
        end(new ProbeResult.Failed(why, took()));
    }

    private void end(ProbeResult how) {
        ScheduledFuture<?> running = alarm;
        if (running != null) {
            running.cancel(false);
        }
        result.complete(how);
        ChannelHandlerContext ctx = context;
        if (ctx != null) {
            ctx.close();
        }
    }

    /// The time runs from here on, so that it counts connecting too.
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        alarm = ctx.executor()
                .schedule(
                        () -> fail("no answer within " + timeout.toMillis() + " ms"),
                        TimeUnit.NANOSECONDS.convert(timeout),
                        TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + host
                + "\r\nUser-Agent: pm2j-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";
        ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), request));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        try {
            int more = Math.min(in.readableBytes(), MOST_HEAD - length);
            in.readBytes(bytes, length, more);
            length += more;
        } finally {
            in.release();
        }
        scan();
    }

    private void scan() {
        while (!result.isDone()) {
            int end = scanner.response(bytes, length, head);
            if (end == HeadScanner.REFUSED) {
                fail("no HTTP: " + scanner.violation());
            } else if (end == HeadScanner.MORE) {
                if (length == MOST_HEAD) {
                    fail("a head of more than " + MOST_HEAD + " bytes");
                }
                return;
            } else if (head.interim() && head.status() != 101) {
                length -= end;
                System.arraycopy(bytes, end, bytes, 0, length);
            } else {
                end(new ProbeResult.Answered(head.status(), took()));
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail("the connection ended before an answer");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail("the connection broke: " + cause.getMessage());
    }
}
