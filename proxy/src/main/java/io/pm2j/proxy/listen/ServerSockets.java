package io.pm2j.proxy.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.pm2j.config.Address;
import io.pm2j.proxy.forward.ListenerState;
import io.pm2j.proxy.forward.Loop;
import io.pm2j.proxy.transport.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The listening channels of one address.
public final class ServerSockets {
    private static final int BACKLOG = 4096;
    private static final int EADDRINUSE = 98;

    private final Address address;
    private final List<Channel> channels;

    /// One that was taken up belongs to the program before until it accepts.
    private volatile boolean begun;

    private ServerSockets(Address address, List<Channel> channels, boolean begun) {
        this.address = address;
        this.channels = channels;
        this.begun = begun;
    }

    public Address address() {
        return address;
    }

    /// No connection is accepted after this. The file of a Unix socket is removed.
    public void close() {
        channels.forEach(ch -> ch.close().awaitUninterruptibly());
        if (begun && address instanceof Address.Unix unix) {
            deleteQuietly(Path.of(unix.path()));
        }
    }

    /// Whether connections are accepted, or wait in the kernel.
    public void accepting(boolean on) {
        if (on) {
            begun = true;
        }
        channels.forEach(ch -> ch.config().setAutoRead(on));
    }

    public boolean open() {
        return channels.stream().allMatch(Channel::isOpen);
    }

    /// The numbers of the sockets.
    public List<Integer> descriptors() {
        return channels.stream().map(ch -> ((UnixChannel) ch).fd().intValue()).toList();
    }

    /// Goes on with sockets that were open before this program began; nothing is accepted before
    /// [#accepting].
    public static ServerSockets takeUp(InheritedSockets.Opened opened, List<Loop> loops, ListenerState state)
            throws ListenFailed, InterruptedException {
        if (!opened.known().isEmpty()) {
            state.know(opened.known());
        }
        List<Channel> open = new ArrayList<>();
        boolean unix = opened.address() instanceof Address.Unix;
        boolean spread = unix || opened.sockets().size() < loops.size();
        for (int i = 0; i < opened.sockets().size(); i++) {
            int fd = opened.sockets().get(i);
            ServerBootstrap boot = bootstrap(loops.get(i % loops.size()), loops, spread, state)
                    .option(ChannelOption.AUTO_READ, false)
                    .channelFactory(
                            () -> unix ? new EpollServerDomainSocketChannel(fd) : new EpollServerSocketChannel(fd));
            if (!unix) {
                boot.childOption(ChannelOption.TCP_NODELAY, true);
            }
            open.add(bound(opened.address(), boot.register()));
        }
        if (opened.address() instanceof Address.Tcp(String _, int port)) {
            state.bound(port);
        }
        return new ServerSockets(opened.address(), open, false);
    }

    /// One channel per event loop for TCP where the kernel can share out connections, else one.
    public static ServerSockets open(Address wanted, List<Loop> loops, Transport transport, ListenerState state)
            throws ListenFailed, InterruptedException {
        return switch (wanted) {
            case Address.Tcp tcp -> tcp(tcp, loops, transport, state);
            case Address.Unix unix -> unix(unix, loops, transport, state);
        };
    }

    private static ServerSockets tcp(Address.Tcp wanted, List<Loop> loops, Transport transport, ListenerState state)
            throws ListenFailed, InterruptedException {
        String host = wanted.host().equals("::") && !hasIpv6(transport) ? "0.0.0.0" : wanted.host();
        if (transport.sharesPorts()) {
            probe(wanted, new InetSocketAddress(host, wanted.port()));
        }
        List<Channel> open = new ArrayList<>();
        int port = wanted.port();
        for (Loop loop : transport.sharesPorts() ? loops : loops.subList(0, 1)) {
            ServerBootstrap boot =
                    bootstrap(loop, loops, !transport.sharesPorts(), state).channel(transport.tcpServer());
            if (transport.sharesPorts()) {
                boot.option(UnixChannelOption.SO_REUSEPORT, true);
            }
            try {
                open.add(bound(wanted, boot.bind(new InetSocketAddress(host, port))));
            } catch (ListenFailed e) {
                open.forEach(Channel::close);
                throw e;
            }
            port = ((InetSocketAddress) open.getFirst().localAddress()).getPort();
            state.bound(port);
        }
        return new ServerSockets(new Address.Tcp(wanted.host(), port), open, true);
    }

    /// Whether `::` can be bound here.
    public static boolean hasIpv6(Transport transport) {
        if (transport == Transport.NIO) {
            return true;
        }
        Socket socket = Socket.newSocketStream();
        try {
            socket.bind(new InetSocketAddress("::", 0));
            return Socket.isIPv6Preferred();
        } catch (IOException e) {
            return false;
        } finally {
            closeQuietly(socket);
        }
    }

    /// Sockets with SO_REUSEPORT share an address with any other such socket of the same user, and would
    /// quietly take part of its connections. So the address is first bound without it.
    private static void probe(Address wanted, InetSocketAddress address) throws ListenFailed {
        Socket socket = Socket.newSocketStream();
        try {
            if (address.isUnresolved()) {
                throw new ListenFailed(wanted, 0, "unknown host", new BindException("unknown host"));
            }
            socket.setReuseAddress(true);
            socket.bind(address);
        } catch (ListenFailed e) {
            throw e;
        } catch (IOException e) {
            throw ListenFailed.of(wanted, e);
        } finally {
            closeQuietly(socket);
        }
    }

    private static ServerSockets unix(Address.Unix wanted, List<Loop> loops, Transport transport, ListenerState state)
            throws ListenFailed, InterruptedException {
        removeStale(wanted);
        ServerBootstrap boot = bootstrap(loops.getFirst(), loops, true, state).channel(transport.unixServer());
        Channel channel = bound(wanted, boot.bind(transport.at(wanted.path())));
        return new ServerSockets(wanted, List.of(channel), true);
    }

    /// A socket file nobody listens at is left over from a process that was killed.
    private static void removeStale(Address.Unix wanted) throws ListenFailed {
        Path path = Path.of(wanted.path());
        if (!Files.exists(path)) {
            return;
        }
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new ListenFailed(wanted, EADDRINUSE, "in use", new BindException("in use"));
        } catch (ListenFailed e) {
            throw e;
        } catch (IOException nobodyThere) {
            if (!Files.isRegularFile(path) && !Files.isDirectory(path)) {
                deleteQuietly(path);
            }
        }
    }

    private static ServerBootstrap bootstrap(Loop accepting, List<Loop> loops, boolean spread, ListenerState state) {
        return new ServerBootstrap()
                .group(accepting.events(), spread ? accepting.events().parent() : accepting.events())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        for (Loop loop : loops) {
                            if (loop.events() == ch.eventLoop()) {
                                loop.accepted(ch, state);
                                return;
                            }
                        }
                        ch.close();
                    }
                });
    }

    private static Channel bound(Address wanted, ChannelFuture binding) throws ListenFailed, InterruptedException {
        binding.await();
        Throwable cause = binding.cause();
        if (cause != null) {
            throw ListenFailed.of(wanted, cause);
        }
        return binding.channel();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing was sent on it: there is nothing to lose.
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The next one to bind there says so.
        }
    }
}
