package io.pm2j.proxy.datagram;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.pm2j.proxy.upstream.Endpoint;
import java.net.ConnectException;
import java.net.PortUnreachableException;

/// A session's socket to one endpoint. It holds a lease from being made to its closing.
///
/// It is connected, so the kernel lets nobody but the endpoint answer, and tells when nobody is
/// there.
final class Leg extends ChannelInboundHandlerAdapter {
    final Endpoint endpoint;
    private final Session session;
    private final DatagramChannel channel;
    private boolean leased = true;
    private long movedMs;

    Leg(Session session, Endpoint endpoint, DatagramChannel channel, long nowMs) {
        this.session = session;
        this.endpoint = endpoint;
        this.channel = channel;
        movedMs = nowMs;
    }

    /// When something last passed here.
    long movedMs() {
        return movedMs;
    }

    /// Sends `content`, which is released.
    void send(ByteBuf content, long nowMs) {
        movedMs = nowMs;
        if (Exchanger.isFull(channel)) {
            content.release();
            session.exchanger().dropped();
        } else {
            channel.writeAndFlush(content).addListener(sent -> {
                if (!sent.isSuccess()) {
                    failed(sent.cause());
                }
            });
        }
    }

    void close() {
        channel.close();
        giveLeaseBack();
    }

    private void giveLeaseBack() {
        if (leased) {
            leased = false;
            endpoint.release(session.exchanger().loopIndex());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket packet) {
            movedMs = session.exchanger().nowMs();
            session.answer(packet.content());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        giveLeaseBack();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(cause);
    }

    /// ICMP's "port unreachable" comes with the next call on the socket, whichever that is.
    private void failed(Throwable cause) {
        if (cause instanceof PortUnreachableException || cause instanceof ConnectException) {
            session.refused(this);
        } else if (leased) {
            session.exchanger().failed(cause);
        }
    }
}
