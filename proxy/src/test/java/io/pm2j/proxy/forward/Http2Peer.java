package io.pm2j.proxy.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A client of HTTP/2 that sends what it is told to, allowed or not.
final class Http2Peer implements AutoCloseable {
    private static final long LONGEST_SECONDS = 60;

    private static final int WINDOW = 16 * 1024 * 1024;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel connection;
    /// The last stream, and the reason, of each GOAWAY.
    final BlockingQueue<Integer> lastStreams = new LinkedBlockingQueue<>();
    final BlockingQueue<Http2Error> farewells = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> pings = new LinkedBlockingQueue<>();

    /// Answers PINGs by itself.
    static Http2Peer to(int port) throws Exception {
        return new Http2Peer(port, Http2Settings.defaultSettings().pushEnabled(false), true);
    }

    Http2Peer(int port, Http2Settings settings, boolean answersPings) throws Exception {
        SslContext tls = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm("")
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        "h2"))
                .build();
        Http2FrameCodec codec = Http2FrameCodecBuilder.forClient()
                .initialSettings(settings)
                .validateHeaders(false)
                .autoAckPingFrame(answersPings)
                .encoderEnforceMaxConcurrentStreams(false)
                .gracefulShutdownTimeoutMillis(0)
                .build();
        connection = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        SslHandler secured = tls.newHandler(ch.alloc());
                        ch.pipeline().addLast(secured, codec, new Http2MultiplexHandler(new Ignored()), new Heard());
                    }
                })
                .connect(new InetSocketAddress("127.0.0.1", port))
                .sync()
                .channel();
        // A stream that nothing is taken of must not use up what all share.
        connection
                .eventLoop()
                .submit(() -> {
                    io.netty.handler.codec.http2.Http2Connection both = codec.connection();
                    both.local().flowController().incrementWindowSize(both.connectionStream(), WINDOW);
                    return null;
                })
                .sync();
        SslHandler secured = connection.pipeline().get(SslHandler.class);
        if (!secured.handshakeFuture().await(LONGEST_SECONDS, TimeUnit.SECONDS)
                || !"h2".equals(secured.applicationProtocol())) {
            throw new AssertionError("no HTTP/2: " + secured.applicationProtocol());
        }
    }

    private static final class Ignored extends ChannelInboundHandlerAdapter {}

    private final class Heard extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            switch (msg) {
                case Http2GoAwayFrame away -> {
                    farewells.add(Http2Error.valueOf(away.errorCode()));
                    lastStreams.add(away.lastStreamId());
                }
                case Http2PingFrame ping when !ping.ack() -> pings.add(ping.content());
                default -> {}
            }
            ReferenceCountUtil.release(msg);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
    }

    static Http2Headers head(String method, String path, String... fields) {
        Http2Headers head = new DefaultHttp2Headers(false);
        head.method(method).scheme("https").authority("a").path(path);
        for (int i = 0; i < fields.length; i += 2) {
            head.add(fields[i], fields[i + 1]);
        }
        return head;
    }

    Stream get(String path) throws Exception {
        return open(head("GET", path), true);
    }

    Stream open(Http2Headers head, boolean ends) throws Exception {
        Stream stream = new Stream();
        stream.opened = new Http2StreamChannelBootstrap(connection)
                .handler(stream)
                .open()
                .get(LONGEST_SECONDS, TimeUnit.SECONDS);
        stream.channel()
                .writeAndFlush(new DefaultHttp2HeadersFrame(head, ends))
                .await(LONGEST_SECONDS, TimeUnit.SECONDS);
        return stream;
    }

    /// Has the server's PINGs answered so far.
    void answerPings() throws Exception {
        Long ping = pings.poll(LONGEST_SECONDS, TimeUnit.SECONDS);
        connection.writeAndFlush(new DefaultHttp2PingFrame(ping == null ? 0 : ping, true));
    }

    /// Below the frames.
    void sendRaw(byte[] bytes) throws Exception {
        connection
                .pipeline()
                .context(Http2FrameCodec.class)
                .writeAndFlush(Unpooled.wrappedBuffer(bytes))
                .await(LONGEST_SECONDS, TimeUnit.SECONDS);
    }

    boolean isOpen() {
        return connection.isActive();
    }

    /// As if the network had.
    void breakOff() {
        connection.eventLoop().execute(() -> connection.unsafe().closeForcibly());
    }

    @Override
    public void close() {
        breakOff();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /// What was heard on a stream.
    @ChannelHandler.Sharable
    static final class Stream extends ChannelInboundHandlerAdapter {
        private @Nullable Http2StreamChannel opened;
        private final List<Http2Headers> heads = new ArrayList<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private boolean ended;
        private @Nullable Http2Error reset;
        private boolean gone;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            synchronized (this) {
                switch (msg) {
                    case Http2HeadersFrame head -> {
                        heads.add(head.headers());
                        ended |= head.isEndStream();
                    }
                    case Http2DataFrame data -> {
                        ByteBuf content = data.content();
                        byte[] bytes = new byte[content.readableBytes()];
                        content.getBytes(content.readerIndex(), bytes);
                        body.writeBytes(bytes);
                        ended |= data.isEndStream();
                    }
                    default -> {}
                }
                notifyAll();
            }
            ReferenceCountUtil.release(msg);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2ResetFrame frame) {
                synchronized (this) {
                    reset = Http2Error.valueOf(frame.errorCode());
                    notifyAll();
                }
            }
            ReferenceCountUtil.release(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            synchronized (this) {
                gone = true;
                notifyAll();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}

        private synchronized void await(BooleanSupplier holds) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
            while (!holds.getAsBoolean()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError("only: " + heads + ", " + body.size() + " bytes, reset: " + reset);
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        }

        /// The final head.
        synchronized Http2Headers head() throws InterruptedException {
            await(() -> reset != null || gone || heads.stream().anyMatch(head -> !isInterim(head)));
            return heads.stream()
                    .filter(head -> !isInterim(head))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no head, reset: " + reset));
        }

        private static boolean isInterim(Http2Headers head) {
            return head.status().charAt(0) == '1';
        }

        synchronized List<String> statuses() {
            return heads.stream().map(head -> head.status().toString()).toList();
        }

        String status() throws InterruptedException {
            return head().status().toString();
        }

        /// The body of a whole response.
        synchronized String text() throws InterruptedException {
            await(() -> ended || reset != null || gone);
            if (!ended) {
                throw new AssertionError("not whole: " + body.size() + " bytes, reset: " + reset);
            }
            return body.toString(StandardCharsets.ISO_8859_1);
        }

        /// Why it was reset, without its end having come.
        synchronized Http2Error reset() throws InterruptedException {
            await(() -> ended || reset != null);
            if (ended) {
                throw new AssertionError("whole: " + body.size() + " bytes");
            }
            return Objects.requireNonNull(reset);
        }

        /// Why it was reset, or what the whole response was.
        synchronized String outcome() throws InterruptedException {
            await(() -> ended || reset != null);
            return ended ? body.toString(StandardCharsets.ISO_8859_1) : String.valueOf(reset);
        }

        /// Why it was reset behind its end.
        synchronized Http2Error resetAfterAll() throws InterruptedException {
            await(() -> ended && reset != null);
            return Objects.requireNonNull(reset);
        }

        synchronized int received() {
            return body.size();
        }

        private Http2StreamChannel channel() {
            return Objects.requireNonNull(opened);
        }

        int id() {
            return channel().stream().id();
        }

        Stream send(String text, boolean ends) {
            channel()
                    .writeAndFlush(
                            new DefaultHttp2DataFrame(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), ends));
            return this;
        }

        Stream trailers(Http2Headers fields) {
            channel().writeAndFlush(new DefaultHttp2HeadersFrame(fields, true));
            return this;
        }

        /// Takes nothing more, or goes on.
        Stream taking(boolean on) {
            channel().config().setAutoRead(on);
            return this;
        }

        /// One frame, while it takes nothing by itself.
        void takeOne() {
            channel().read();
        }

        boolean channelIsOpen() {
            return channel().isOpen();
        }

        void reset(Http2Error why) throws Exception {
            channel().writeAndFlush(new DefaultHttp2ResetFrame(why)).await(LONGEST_SECONDS, TimeUnit.SECONDS);
        }
    }
}
