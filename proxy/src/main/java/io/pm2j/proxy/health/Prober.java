package io.pm2j.proxy.health;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.pm2j.config.Address;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.Origin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks endpoints on one event loop, each time on a connection of its own, made in the endpoint's way.
public final class Prober {
    static final Logger LOG = LoggerFactory.getLogger(Prober.class);
    /// What a handed-over connection is told of its client: nobody in particular.
    private static final String NOBODY = "127.0.0.1 0";

    private final EventLoop loop;
    private final Transport transport;

    public Prober(EventLoop loop, Transport transport) {
        this.loop = loop;
        this.transport = transport;
    }

    /// Sends `GET path` to `origin` and tells how it answered; never exceptionally. Redirects are not followed.
    ///
    /// @param path begins with a slash and has no blanks
    public CompletionStage<ProbeResult> ask(Origin origin, String path, Duration timeout) {
        CompletableFuture<ProbeResult> result = new CompletableFuture<>();
        Question question = new Question(host(origin), path, timeout, result);
        try {
            loop.execute(() -> open(origin, question));
        } catch (RejectedExecutionException e) {
            question.fail("the proxy is closing");
        }
        return result;
    }

    private static String host(Origin origin) {
        return origin instanceof Origin.At(Address.Tcp tcp) ? tcp.toString() : "localhost";
    }

    private void open(Origin origin, Question question) {
        try {
            switch (origin) {
                case Origin.At(Address.Tcp tcp) -> connect(tcp, question);
                case Origin.At(Address.Unix unix) -> connect(unix, question);
                case Origin.Dialed dialed -> {
                    if (!transport.adopts()) {
                        throw new IOException("connections are handed over with transport epoll only");
                    }
                    EpollDomainSocketChannel channel =
                            new EpollDomainSocketChannel(dialed.dialer().dial(NOBODY));
                    channel.pipeline().addLast(question);
                    loop.register(channel);
                }
            }
        } catch (IOException | RuntimeException e) {
            question.fail("no connection: " + e.getMessage());
        }
    }

    private void connect(Address.Tcp tcp, Question question) {
        // Never a name here: looking one up would block the loop.
        InetSocketAddress to = new InetSocketAddress(InetAddress.ofLiteral(tcp.host()), tcp.port());
        Bootstrap boot = new Bootstrap().channel(transport.tcp());
        tell(boot.group(loop).handler(question).connect(to), question);
    }

    private void connect(Address.Unix unix, Question question) {
        Bootstrap boot = new Bootstrap().channel(transport.unix());
        tell(boot.group(loop).handler(question).connect(transport.at(unix.path())), question);
    }

    private static void tell(ChannelFuture connected, Question question) {
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                question.fail("no connection: " + done.cause().getMessage());
            }
        });
    }

    /// Runs `task` on the loop when `nanos` have passed; never, when the loop has ended by then.
    void after(long nanos, Runnable task) {
        try {
            loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("no probes on a loop that has ended", e);
        }
    }
}
