package io.pm2j.bench.handover;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.UnixChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/// A listener with its connections on one event loop; each request is answered at once, always the same. It can come
/// to rest, with all sockets open, and go on, here or in another process.
final class Site {
    private static final byte[] ANSWER =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);
    private static final String LAST = "connection: close";
    private static final int BACKLOG = 4096;

    static {
        // Before the first socket: this loads the native half.
        Epoll.ensureAvailability();
    }

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EpollServerSocketChannel listener;
    private final Semaphore resting = new Semaphore(0);
    /// The loop's alone.
    private final Set<Responder> responders = new LinkedHashSet<>();

    private Site(EpollServerSocketChannel listener) {
        this.listener = listener;
        listener.pipeline().addLast(new Acceptor());
    }

    /// Listens at a free port of the loopback interface, and answers.
    static Site open() {
        Site site = new Site(new EpollServerSocketChannel());
        site.listener.config().setBacklog(BACKLOG);
        site.loop.register(site.listener).syncUninterruptibly();
        site.listener
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly();
        return site;
    }

    /// Has these sockets, and reads nothing yet.
    static Site adopt(List<Item> items) {
        Item listening = items.stream()
                .filter(i -> i.kind() == Item.Kind.LISTENER)
                .findFirst()
                .orElseThrow();
        Site site = new Site(new EpollServerSocketChannel(listening.descriptor()));
        site.listener.config().setAutoRead(false);
        site.loop.register(site.listener).syncUninterruptibly();
        for (Item item : items) {
            if (item.kind() == Item.Kind.CONNECTION) {
                EpollSocketChannel connection = new EpollSocketChannel(item.descriptor());
                connection.config().setAutoRead(false);
                site.add(connection, item.begun());
            }
        }
        return site;
    }

    int port() {
        return listener.localAddress().getPort();
    }

    /// Stops the loop, so that no socket is accepted, read or closed: what there is then.
    List<Item> rest() {
        CompletableFuture<List<Item>> all = new CompletableFuture<>();
        loop.execute(() -> {
            List<Item> items = new ArrayList<>();
            items.add(new Item(Item.Kind.LISTENER, listener.fd().intValue(), ""));
            // One that was just closed is told so a little later.
            responders.stream()
                    .filter(one -> one.channel.isOpen())
                    .map(Responder::item)
                    .forEach(items::add);
            all.complete(items);
            resting.acquireUninterruptibly();
        });
        return all.join();
    }

    /// After [#rest].
    void goOn() {
        resting.release();
    }

    /// After [#adopt].
    void begin() {
        loop.execute(() -> {
            listener.config().setAutoRead(true);
            responders.forEach(responder -> responder.channel.config().setAutoRead(true));
        });
    }

    private void add(Channel connection, byte[] begun) {
        connection.pipeline().addLast(new Responder(connection, begun));
        boolean _ = loop.register(connection).isDone();
    }

    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            add((Channel) accepted, new byte[0]);
        }
    }

    private final class Responder extends ChannelInboundHandlerAdapter {
        private final Channel channel;
        private final StringBuilder begun;

        Responder(Channel channel, byte[] begun) {
            this.channel = channel;
            this.begun = new StringBuilder(new String(begun, StandardCharsets.ISO_8859_1));
        }

        Item item() {
            return Item.connection(
                    ((UnixChannel) channel).fd().intValue(), begun.toString().getBytes(StandardCharsets.ISO_8859_1));
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            // An accepted one is added on the loop; an adopted one before anything else runs there.
            if (context.executor().inEventLoop()) {
                responders.add(this);
            } else {
                context.executor().execute(() -> responders.add(this));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            responders.remove(this);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            begun.append(bytes.toString(StandardCharsets.ISO_8859_1));
            bytes.release();
            int end;
            while ((end = begun.indexOf("\r\n\r\n")) >= 0) {
                boolean last = begun.substring(0, end).toLowerCase(Locale.ROOT).contains(LAST);
                begun.delete(0, end + 4);
                var written = context.writeAndFlush(Unpooled.wrappedBuffer(ANSWER));
                if (last) {
                    written.addListener(ChannelFutureListener.CLOSE);
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
