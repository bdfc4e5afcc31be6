package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.Tokens;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// The X-Forwarded fields: always ours, whatever the client sent.
final class ForwardedHeaders {
    private static final byte[] X_FORWARDED_HOST = Tokens.ascii("X-Forwarded-Host: ");

    private ForwardedHeaders() {}

    /// The host the client asked for: the target's authority, else the host field.
    static void writeHost(byte[] b, RequestHead head, ByteBuf out) {
        int host = head.hostField();
        if (head.absoluteForm()) {
            HeadEditor.line(out, X_FORWARDED_HOST, b, head.authorityStart(), head.authorityEnd());
        } else if (host >= 0) {
            HeadEditor.line(out, X_FORWARDED_HOST, b, head.valueStart(host), head.valueEnd(host));
        }
    }

    /// `host port`, as handed to a dialer; empty for a peer without an address.
    static String client(@Nullable SocketAddress peer) {
        return peer instanceof InetSocketAddress inet ? address(inet) + " " + inet.getPort() : "";
    }

    /// IPv4-mapped addresses come as IPv4 from [InetAddress] itself; a scope id is of no use elsewhere.
    private static String address(InetSocketAddress peer) {
        InetAddress address = peer.getAddress();
        String text = address == null ? peer.getHostString() : address.getHostAddress();
        int scope = text.indexOf('%');
        String plain = scope < 0 ? text : text.substring(0, scope);
        return plain.startsWith("::ffff:") && plain.indexOf('.') > 0 ? plain.substring(7) : plain;
    }
}
