package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection.Endpoint;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameLogger;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelOption;
import io.netty.handler.logging.LogLevel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.preface.ProxyHeader;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A client's connection of HTTP/2, behind TLS. Frames, windows and the compression of heads are Netty's; each stream
/// is a [ClientConnection] behind a [Http2Stream].
///
/// It takes its leave in two steps (RFC 9113 §6.8): first it says that it is going to, then, when the client has
/// answered that or a second has passed, which stream was the last. What is sent meanwhile is served.
final class Http2Front extends Front {
    /// As many as nginx and Envoy allow, or more.
    private static final int MOST_STREAMS = 128;
    /// Uploads that nobody takes must not keep the others from coming: what all streams may send ahead.
    private static final int WINDOW = MOST_STREAMS * Http2CodecUtil.DEFAULT_WINDOW_SIZE;
    /// CVE-2023-44487, CVE-2025-55163: streams that are reset, by the client or for its faults.
    private static final int MOST_RESETS = 200;

    private static final int RESETS_SECONDS = 30;
    private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LAST_WORD_MS = 2_000;
    private static final long MARK = 0x706d326aL;

    private static final Set<Http2Error> THEIR_FAULTS = EnumSet.of(
            Http2Error.PROTOCOL_ERROR,
            Http2Error.FLOW_CONTROL_ERROR,
            Http2Error.STREAM_CLOSED,
            Http2Error.FRAME_SIZE_ERROR,
            Http2Error.ENHANCE_YOUR_CALM);

    private enum At {
        OPEN,
        /// It has said that it is going to leave.
        LEAVING,
        /// It has said which stream was the last.
        LEFT
    }

    private final ProxyHeader.@Nullable Named named;
    private final Secured secured;
    private At at = At.OPEN;
    /// Whether it came when others were to leave; it does so at rest.
    private boolean newcomer;
    private int streams;
    private int faults;
    private long faultsSinceMs;

    private Http2Front(Loop loop, ListenerState listener, ProxyHeader.@Nullable Named named, Secured secured) {
        super(loop, listener);
        this.named = named;
        this.secured = secured;
    }

    /// Speaks HTTP/2 at the end of `pipeline`, where the handshake has just been done.
    static void begin(
            ChannelPipeline pipeline,
            Loop loop,
            ListenerState listener,
            ProxyHeader.@Nullable Named named,
            Secured secured) {
        // There is no half of a connection here.
        pipeline.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        Http2Front connection = new Http2Front(loop, listener, named, secured);
        Http2FrameCodec codec = Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(MOST_STREAMS)
                        // What is larger than a head may be is answered by who reads the head.
                        .maxHeaderListSize(2L * loop.options.maxHeadBytes()))
                .encoderIgnoreMaxHeaderListSize(true)
                .decoderEnforceMaxRstFramesPerWindow(MOST_RESETS, RESETS_SECONDS)
                // Those for the faults of workers would count too.
                .encoderEnforceMaxRstFramesPerWindow(0, RESETS_SECONDS)
                .gracefulShutdownTimeoutMillis(LAST_WORD_MS)
                .frameLogger(connection.new Refusals())
                .build();
        pipeline.addLast(codec, new Http2MultiplexHandler(connection.new Streams()), connection);
        connection.widen(codec);
    }

    private void widen(Http2FrameCodec codec) {
        Endpoint<Http2LocalFlowController> here = codec.connection().local();
        try {
            here.flowController()
                    .incrementWindowSize(
                            codec.connection().connectionStream(), WINDOW - Http2CodecUtil.DEFAULT_WINDOW_SIZE);
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        loop.tally.one(Count.CONNECTIONS_ACCEPTED);
        loop.tally.one(Count.HTTP2_CONNECTIONS);
        // RFC 9113 §3.4: the settings come first, at once.
        deadline(loop.limits.headMs());
        newcomer = loop.leaving;
        if (loop.resting || listener.closing()) {
            leave();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        super.handlerRemoved(ctx);
        at = At.LEFT;
        loop.tally.one(Count.CONNECTIONS_CLOSED);
    }

    private void begun(Channel stream) {
        streams++;
        noDeadline();
        // A stream gives back what has been taken of it.
        stream.config().setOption(Http2StreamChannelOption.AUTO_STREAM_FLOW_CONTROL, false);
        stream.closeFuture().addListener(_ -> over());
        stream.pipeline().addLast(new Http2Stream(), new ClientConnection(loop, listener, named, secured));
    }

    private void over() {
        if (--streams > 0) {
            return;
        }
        switch (at) {
            case OPEN -> deadline(loop.limits.clientIdleMs());
            case LEAVING -> {}
            case LEFT -> farewell();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (msg instanceof Http2PingFrame ping && ping.ack() && ping.content() == MARK && at == At.LEAVING) {
            left();
        } else if (msg instanceof Http2SettingsFrame && at == At.OPEN && streams == 0) {
            deadline(loop.limits.clientIdleMs());
        }
        ReferenceCountUtil.release(msg);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent || event == ChannelInputShutdownEvent.INSTANCE) {
            close();
        }
        ReferenceCountUtil.release(event);
    }

    /// What is wrong with frames has been answered by a GOAWAY of the codec's.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Loop.LOG.debug("{}: {}", ctx.channel(), cause.toString());
        if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
            close();
        }
    }

    /// A stream is reset for what the client did.
    private void wrong() {
        if (faults == 0 || loop.nowMs() - faultsSinceMs > RESETS_SECONDS * 1000L) {
            faultsSinceMs = loop.nowMs();
            faults = 0;
        }
        Channel open = channel;
        if (++faults == MOST_RESETS && open != null) {
            // It is in the midst of the frame that was one too many.
            open.eventLoop()
                    .execute(() -> open.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM))
                            .addListener(_ -> close()));
        }
    }

    // ---- leaving -------------------------------------------------------------------------------------

    @Override
    void leave() {
        Channel open = channel;
        if (at != At.OPEN || open == null) {
            return;
        }
        at = At.LEAVING;
        noDeadline();
        DefaultHttp2GoAwayFrame soon = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
        soon.setExtraStreamIds(Integer.MAX_VALUE);
        open.write(soon);
        open.writeAndFlush(new DefaultHttp2PingFrame(MARK, false));
        loop.after(FAREWELL_NANOS, () -> {
            if (at == At.LEAVING) {
                left();
            }
        });
    }

    private void left() {
        at = At.LEFT;
        Channel open = channel;
        if (open != null) {
            open.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        }
        if (streams == 0) {
            farewell();
        }
    }

    private void farewell() {
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    /// Without the farewell of TLS, since not all may have been said; streams end with it.
    @Override
    void close() {
        Channel open = channel;
        ChannelHandlerContext tls = open == null ? null : open.pipeline().context(SslHandler.class);
        if (tls != null) {
            tls.close();
        } else if (open != null) {
            open.close();
        }
    }

    @Override
    void late() {
        loop.tally.one(Count.IDLE_CLIENTS_CLOSED);
    }

    // ---- handing on ----------------------------------------------------------------------------------

    /// What was agreed on cannot be handed on.
    @Override
    void rest(boolean on) {
        if (on) {
            leave();
        }
    }

    @Override
    boolean rests() {
        return false;
    }

    @Override
    boolean toLeave() {
        return at != At.LEFT && !newcomer;
    }

    @Override
    Resting handOn() {
        throw new IllegalStateException("HTTP/2 is not handed on");
    }

    private final class Streams extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel stream) {
            begun(stream);
        }
    }

    /// Counts what is refused on frames, by what the client is told.
    private final class Refusals extends Http2FrameLogger {
        Refusals() {
            super(LogLevel.TRACE, Http2Front.class);
        }

        @Override
        public void logRstStream(Direction direction, ChannelHandlerContext ctx, int streamId, long error) {
            if (direction == Direction.OUTBOUND && error == Http2Error.PROTOCOL_ERROR.code()) {
                loop.tally.refused(Violation.MALFORMED_STREAM);
            }
            if (direction == Direction.OUTBOUND && error == Http2Error.ENHANCE_YOUR_CALM.code()) {
                loop.tally.refused(Violation.TOO_MUCH_ADO);
            }
            if (direction == Direction.OUTBOUND && THEIR_FAULTS.contains(Http2Error.valueOf(error))) {
                wrong();
            }
        }

        @Override
        public void logGoAway(
                Direction direction, ChannelHandlerContext ctx, int lastStreamId, long error, ByteBuf why) {
            if (direction == Direction.OUTBOUND && error == Http2Error.ENHANCE_YOUR_CALM.code()) {
                loop.tally.refused(Violation.TOO_MUCH_ADO);
            } else if (direction == Direction.OUTBOUND && error != Http2Error.NO_ERROR.code()) {
                loop.tally.refused(Violation.BAD_FRAMES);
            }
        }
    }
}
