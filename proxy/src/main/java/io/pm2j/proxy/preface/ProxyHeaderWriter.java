package io.pm2j.proxy.preface;

import io.pm2j.config.spec.edge.ListenerSpec.ProxyVersion;
import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes PROXY headers.
public final class ProxyHeaderWriter {
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final int VERSION_2_PROXY = 0x21;

    private ProxyHeaderWriter() {}

    /// The header for a connection carried for `source`, who connected to `destination`. When
    /// either has no
    /// IP address (a Unix socket), it says that the client is not known.
    public static byte[] write(
            ProxyVersion version, @Nullable SocketAddress source, @Nullable SocketAddress destination) {
        InetSocketAddress from = source instanceof InetSocketAddress inet && !inet.isUnresolved() ? inet : null;
        InetSocketAddress to = destination instanceof InetSocketAddress inet && !inet.isUnresolved() ? inet : null;
        return switch (version) {
            case V1 -> v1(from, to);
            case V2 -> v2(from, to);
        };
    }

    private static boolean bothFour(InetSocketAddress from, InetSocketAddress to) {
        return from.getAddress() instanceof Inet4Address && to.getAddress() instanceof Inet4Address;
    }

    private static byte[] v1(@Nullable InetSocketAddress from, @Nullable InetSocketAddress to) {
        String line = "PROXY UNKNOWN\r\n";
        if (from != null && to != null) {
            boolean four = bothFour(from, to);
            line = "PROXY " + (four ? "TCP4 " : "TCP6 ") + text(from, four) + " " + text(to, four) + " "
                    + from.getPort() + " " + to.getPort() + "\r\n";
        }
        return line.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(InetSocketAddress address, boolean four) {
        InetAddress ip = address.getAddress();
        String text = ip.getHostAddress();
        int scope = text.indexOf('%');
        return ip instanceof Inet4Address && !four ? "::ffff:" + text : scope < 0 ? text : text.substring(0, scope);
    }

    private static byte[] v2(@Nullable InetSocketAddress from, @Nullable InetSocketAddress to) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(52);
        out.writeBytes(SIGNATURE);
        out.write(VERSION_2_PROXY);
        if (from == null || to == null) {
            out.write(0);
            number(out, 0);
            return out.toByteArray();
        }
        boolean four = bothFour(from, to);
        out.write(four ? 0x11 : 0x21);
        number(out, four ? 12 : 36);
        out.writeBytes(bytes(from, four));
        out.writeBytes(bytes(to, four));
        number(out, from.getPort());
        number(out, to.getPort());
        return out.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, int value) {
        out.write(value >> 8);
        out.write(value);
    }

    /// An IPv4 address beside an IPv6 one is written as RFC 4291 §2.5.5.2 maps it.
    private static byte[] bytes(InetSocketAddress address, boolean four) {
        byte[] bytes = address.getAddress().getAddress();
        if (four || bytes.length == 16) {
            return bytes;
        }
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(bytes, 0, mapped, 12, 4);
        return mapped;
    }
}
