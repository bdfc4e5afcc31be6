package io.pm2j.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.transports.IoUringTransport;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.internal.VertxInternal;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How the sockets of the daemon are driven.
///
/// EPOLL can do everything. The others cannot be handed sockets by descriptor, which Node's cluster mode lives on,
/// and they send and receive through Netty's own buffers: no direct sending, no splicing.
public enum Transport {
    EPOLL("epoll"),
    IO_URING("io_uring"),
    NIO("nio");

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);
    private final String word;

    Transport(String word) {
        this.word = word;
    }

    /// The one that `word` asks for, or the best one this system has: where it has not what was asked for, that is
    /// said in the log.
    ///
    /// @param word auto, epoll, io_uring or nio; null is auto
    /// @throws IllegalArgumentException when `word` is none of them
    public static Transport wanted(@Nullable String word) {
        String asked = word == null || word.isEmpty() ? "auto" : word;
        Transport best = EPOLL.unavailable() == null ? EPOLL : NIO;
        if (asked.equals("auto")) {
            if (best == NIO) {
                LOG.info("transport nio: no epoll here ({})", reason(EPOLL.unavailable()));
            }
            return best;
        }
        Transport named = Arrays.stream(values())
                .filter(t -> t.word.equals(asked))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "transport: \"" + asked + "\" (expected: auto, epoll, io_uring or nio)"));
        Throwable why = named.unavailable();
        if (why == null) {
            return named;
        }
        LOG.warn("transport {} instead of {}, which is not to be had here: {}", best.word, named.word, reason(why));
        return best;
    }

    private static String reason(@Nullable Throwable why) {
        Throwable root = why;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null ? "unknown" : String.valueOf(root.getMessage());
    }

    /// Which one the loops of `vertx` use.
    public static Transport of(Vertx vertx) {
        return switch (((VertxInternal) vertx).transport()) {
            case io.vertx.core.impl.transports.EpollTransport _ -> EPOLL;
            case IoUringTransport _ -> IO_URING;
            default -> NIO;
        };
    }

    /// A Vert.x whose loops use this one.
    public Vertx vertx(VertxOptions options) {
        return Vertx.builder().with(options).withTransport(new ForVertx(this)).build();
    }

    /// Why it cannot be used here; null when it can.
    private @Nullable Throwable unavailable() {
        return switch (this) {
            case EPOLL -> io.netty.channel.epoll.Epoll.unavailabilityCause();
            case IO_URING -> io.netty.channel.uring.IoUring.unavailabilityCause();
            case NIO -> null;
        };
    }

    /// Whether a connected socket can be taken over by its descriptor.
    public boolean adopts() {
        return this == EPOLL;
    }

    /// Whether several sockets may listen at one address, and the kernel shares out what comes.
    public boolean sharesPorts() {
        return this != NIO;
    }

    /// Whether a read is done when its buffer has been given: then one buffer can serve all.
    public boolean readsAtOnce() {
        return this != IO_URING;
    }

    public Class<? extends ServerChannel> tcpServer() {
        return switch (this) {
            case EPOLL -> EpollServerSocketChannel.class;
            case IO_URING -> IoUringServerSocketChannel.class;
            case NIO -> NioServerSocketChannel.class;
        };
    }

    public Class<? extends ServerChannel> unixServer() {
        return switch (this) {
            case EPOLL -> EpollServerDomainSocketChannel.class;
            case IO_URING -> IoUringServerDomainSocketChannel.class;
            case NIO -> NioServerDomainSocketChannel.class;
        };
    }

    public Class<? extends Channel> tcp() {
        return switch (this) {
            case EPOLL -> EpollSocketChannel.class;
            case IO_URING -> IoUringSocketChannel.class;
            case NIO -> NioSocketChannel.class;
        };
    }

    public Class<? extends Channel> unix() {
        return switch (this) {
            case EPOLL -> EpollDomainSocketChannel.class;
            case IO_URING -> IoUringDomainSocketChannel.class;
            case NIO -> NioDomainSocketChannel.class;
        };
    }

    public Class<? extends DatagramChannel> datagrams() {
        return switch (this) {
            case EPOLL -> EpollDatagramChannel.class;
            case IO_URING -> IoUringDatagramChannel.class;
            case NIO -> NioDatagramChannel.class;
        };
    }

    /// A socket for datagrams, not yet on a loop.
    public DatagramChannel datagram() {
        return switch (this) {
            case EPOLL -> new EpollDatagramChannel();
            case IO_URING -> new IoUringDatagramChannel();
            case NIO -> new NioDatagramChannel();
        };
    }

    /// The address of the Unix socket at `path`.
    public SocketAddress at(String path) {
        return this == NIO ? UnixDomainSocketAddress.of(path) : new DomainSocketAddress(path);
    }

    @Override
    public String toString() {
        return word;
    }

    private record ForVertx(Transport transport) implements io.vertx.core.transport.Transport {
        @Override
        public String name() {
            return transport.word;
        }

        @Override
        public boolean available() {
            return transport.unavailable() == null;
        }

        @Override
        public @Nullable Throwable unavailabilityCause() {
            return transport.unavailable();
        }

        @Override
        public io.vertx.core.spi.transport.Transport implementation() {
            return switch (transport) {
                case EPOLL -> new LastingEpoll();
                case IO_URING -> new IoUringTransport();
                case NIO -> NioTransport.INSTANCE;
            };
        }
    }
}
