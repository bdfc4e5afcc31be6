package io.pm2j.proxy.datagram;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.pm2j.config.Address;
import io.pm2j.proxy.forward.Loop;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import io.pm2j.proxy.listen.ListenFailed;
import io.pm2j.proxy.listen.ServerSockets;
import io.pm2j.proxy.listen.SocketKeeper;
import io.pm2j.proxy.listen.SocketKeeper.Kind;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.Upstream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// An address at which datagrams are received.
public final class DatagramListener {
    private final Address.Tcp address;
    private final List<Channel> channels;
    private volatile SocketKeeper keeper = SocketKeeper.NONE;
    private final AtomicBoolean released = new AtomicBoolean();

    private DatagramListener(Address.Tcp address, List<Channel> channels) {
        this.address = address;
        this.channels = channels;
    }

    /// The sockets outlive this process from now on, where `by` keeps them.
    public void keep(SocketKeeper by) {
        // Not every transport can tell the numbers of sockets.
        if (by != SocketKeeper.NONE && open()) {
            keeper = by;
            by.keep(Kind.DATAGRAMS, handOn());
        }
    }

    private void release() {
        if (released.compareAndSet(false, true)) {
            keeper.release(Kind.DATAGRAMS, address);
        }
    }

    /// What was bound, with the actual port.
    public Address.Tcp address() {
        return address;
    }

    /// Nothing is received any more; the sessions end and give their leases back.
    public void close() {
        release();
        channels.forEach(ch -> ch.close().awaitUninterruptibly());
    }

    /// Begins no more sessions; those that there are end when their last answers are in.
    public void endSoon() {
        channels.forEach(ch -> ch.eventLoop().execute(() -> {
            if (ch.pipeline().last() instanceof Exchanger exchanger) {
                exchanger.endSoon();
            }
        }));
    }

    public boolean open() {
        return channels.stream().allMatch(Channel::isOpen);
    }

    /// What the next program needs to go on: the sockets. The sessions begin anew there.
    public Opened handOn() {
        return new Opened(
                address,
                channels.stream().map(ch -> ((UnixChannel) ch).fd().intValue()).toList(),
                "");
    }

    /// Whether datagrams are received, or wait in the kernel.
    public void receiving(boolean on) {
        channels.forEach(ch -> ch.config().setAutoRead(on));
    }

    /// Goes on with sockets that were open before this program began; nothing is received before
    /// [#receiving].
    public static DatagramListener takeUp(
            Opened opened, List<Loop> loops, Transport transport, Upstream upstream, DatagramOptions options)
            throws ListenFailed, InterruptedException {
        Address.Tcp address = (Address.Tcp) opened.address();
        int sessionsEach = Math.max(1, options.maxSessions() / opened.sockets().size());
        List<Channel> open = new ArrayList<>();
        for (int i = 0; i < opened.sockets().size(); i++) {
            int fd = opened.sockets().get(i);
            Loop loop = loops.get(i % loops.size());
            ChannelFuture registered = new Bootstrap()
                    .group(loop.events())
                    .channelFactory(() -> new EpollDatagramChannel(fd))
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(new Exchanger(loop, transport, upstream, options, sessionsEach))
                    .register()
                    .await();
            if (registered.cause() != null) {
                throw ListenFailed.of(address, registered.cause());
            }
            open.add(registered.channel());
        }
        return new DatagramListener(address, List.copyOf(open));
    }

    /// Opens `wanted`, with a socket for each loop where the kernel can share out datagrams,
    /// else with one.
    /// Blocks: virtual threads only.
    ///
    /// @throws ListenFailed when the address cannot be had, with the system's error number
    public static DatagramListener open(
            Address.Tcp wanted, List<Loop> loops, Transport transport, Upstream upstream, DatagramOptions options)
            throws ListenFailed, InterruptedException {
        String host = wanted.host().equals("::") && !ServerSockets.hasIpv6(transport) ? "0.0.0.0" : wanted.host();
        InetSocketAddress place = new InetSocketAddress(host, wanted.port());
        if (place.isUnresolved()) {
            throw new ListenFailed(wanted, 0, "unknown host", new BindException("unknown host"));
        }
        if (transport.sharesPorts()) {
            probe(wanted, place);
        }
        List<Loop> sharing = transport.sharesPorts() ? loops : loops.subList(0, 1);
        int sessionsEach = Math.max(1, options.maxSessions() / sharing.size());
        List<Channel> open = new ArrayList<>();
        for (Loop loop : sharing) {
            Bootstrap boot = new Bootstrap()
                    .group(loop.events())
                    .channel(transport.datagrams())
                    .handler(new Exchanger(loop, transport, upstream, options, sessionsEach));
            if (transport.sharesPorts()) {
                boot.option(UnixChannelOption.SO_REUSEPORT, true);
            }
            ChannelFuture binding = boot.bind(place).await();
            if (binding.cause() != null) {
                open.forEach(Channel::close);
                throw ListenFailed.of(wanted, binding.cause());
            }
            open.add(binding.channel());
            place = new InetSocketAddress(place.getAddress(), port(binding.channel()));
        }
        return new DatagramListener(new Address.Tcp(wanted.host(), place.getPort()), List.copyOf(open));
    }

    private static int port(Channel channel) {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /// As with TCP: sockets with SO_REUSEPORT would quietly take part of what is somebody else's.
    private static void probe(Address.Tcp wanted, InetSocketAddress place) throws ListenFailed {
        Socket socket = Socket.newSocketDgram();
        try {
            socket.bind(place);
        } catch (IOException e) {
            throw ListenFailed.of(wanted, e);
        } finally {
            closeQuietly(socket);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing was sent on it: there is nothing to lose.
        }
    }
}
