package io.pm2j.proxy.preface;

import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads a PROXY header, version 1 or 2, from the beginning of what has come so far. Strict:
/// what the
/// specification does not allow is malformed, and that is said as soon as it is seen.
public final class ProxyHeaderReader {
    /// The longest header of version 1, with its line end.
    static final int LONGEST_V1 = 107;
    /// Far more than the addresses and TLVs that anybody sends.
    static final int LONGEST_V2 = 4096;

    private static final byte[] V1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] V2 = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final int FIXED_V2 = 16;
    private static final ProxyHeader INCOMPLETE = new ProxyHeader.Incomplete();

    private ProxyHeaderReader() {}

    /// Looks at the readable bytes of `in`, whose indices stay as they are.
    public static ProxyHeader read(ByteBuf in) {
        int from = in.readerIndex();
        int length = in.readableBytes();
        if (startsWith(in, from, length, V1)) {
            return length < V1.length ? INCOMPLETE : readV1(in, from, length);
        }
        if (startsWith(in, from, length, V2)) {
            return length < FIXED_V2 ? earlyV2(in, from, length) : readV2(in, from, length);
        }
        return new ProxyHeader.Malformed("no PROXY header");
    }

    /// Whether the bytes are `what`, as far as they have come.
    private static boolean startsWith(ByteBuf in, int from, int length, byte[] what) {
        for (int i = 0; i < Math.min(length, what.length); i++) {
            if (in.getByte(from + i) != what[i]) {
                return false;
            }
        }
        return true;
    }

    // ---- version 1 -----------------------------------------------------------------------------------

    private static ProxyHeader readV1(ByteBuf in, int from, int length) {
        int end = in.indexOf(from, from + Math.min(length, LONGEST_V1), (byte) '\n');
        if (end < 0) {
            return length >= LONGEST_V1 ? new ProxyHeader.Malformed("a line of more than 107 bytes") : INCOMPLETE;
        }
        if (in.getByte(end - 1) != '\r') {
            return new ProxyHeader.Malformed("a line that does not end with CR LF");
        }
        String line = in.toString(from + V1.length, end - 1 - from - V1.length, StandardCharsets.ISO_8859_1);
        int taken = end + 1 - from;
        if (line.equals("UNKNOWN") || line.startsWith("UNKNOWN ")) {
            // What follows is to be ignored.
            return new ProxyHeader.Unnamed(taken);
        }
        String[] words = line.split(" ", -1);
        if (words.length != 5) {
            return new ProxyHeader.Malformed("not five words after PROXY");
        }
        int bytes = words[0].equals("TCP4") ? 4 : words[0].equals("TCP6") ? 16 : 0;
        if (bytes == 0) {
            return new ProxyHeader.Malformed("neither TCP4 nor TCP6");
        }
        InetSocketAddress source = socket(address(words[1], bytes), port(words[3]));
        InetSocketAddress destination = socket(address(words[2], bytes), port(words[4]));
        return source == null || destination == null
                ? new ProxyHeader.Malformed("a bad address or port")
                : new ProxyHeader.Named(taken, source, destination);
    }

    private static @Nullable InetSocketAddress socket(@Nullable InetAddress address, int port) {
        return address == null || port < 0 ? null : new InetSocketAddress(address, port);
    }

    private static @Nullable InetAddress address(String text, int bytes) {
        boolean right = bytes == 4 ? isFour(text) : isSix(text);
        byte[] address = right ? NetUtil.createByteArrayFromIpAddressString(text) : null;
        return address == null ? null : inet(address);
    }

    /// Four numbers without leading zeros, which are octal to some.
    private static boolean isFour(String text) {
        String[] parts = text.split("\\.", -1);
        boolean right = parts.length == 4;
        for (String part : parts) {
            int value = number(part, 3);
            right &= value >= 0 && value <= 255;
        }
        return right;
    }

    private static boolean isSix(String text) {
        boolean plain = text.chars().allMatch(c -> c == ':' || c == '.' || Character.digit(c, 16) >= 0 && c < 0x80);
        return plain && text.indexOf(':') >= 0 && NetUtil.isValidIpV6Address(text);
    }

    private static int port(String text) {
        int value = number(text, 5);
        return value <= 65_535 ? value : -1;
    }

    /// A decimal number of at most `digits` digits without leading zeros; -1 when it is none.
    private static int number(String text, int digits) {
        int length = text.length();
        if (length == 0 || length > digits || length > 1 && text.charAt(0) == '0') {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    // ---- version 2 -----------------------------------------------------------------------------------

    private static ProxyHeader earlyV2(ByteBuf in, int from, int length) {
        boolean bad = length > V2.length && !isVersionAndCommand(in.getByte(from + 12))
                || length > V2.length + 1 && !isFamily(in.getUnsignedByte(from + 13));
        return bad ? new ProxyHeader.Malformed("a bad version, command or family") : INCOMPLETE;
    }

    private static boolean isVersionAndCommand(byte b) {
        return b == 0x20 || b == 0x21;
    }

    /// Unspecified, or a stream: over a TCP connection there is nothing else.
    private static boolean isFamily(int b) {
        return b == 0x00 || b == 0x11 || b == 0x21 || b == 0x31;
    }

    private static ProxyHeader readV2(ByteBuf in, int from, int length) {
        boolean local = in.getByte(from + 12) == 0x20;
        int family = in.getUnsignedByte(from + 13);
        int taken = FIXED_V2 + in.getUnsignedShort(from + 14);
        int addresses = switch (family) {
            case 0x11 -> 2 * 4 + 4;
            case 0x21 -> 2 * 16 + 4;
            case 0x31 -> 2 * 108;
            default -> 0;
        };
        if (!isVersionAndCommand(in.getByte(from + 12)) || !isFamily(family)) {
            return new ProxyHeader.Malformed("a bad version, command or family");
        }
        if (taken > LONGEST_V2) {
            return new ProxyHeader.Malformed("a header of more than 4096 bytes");
        }
        if (!local && taken < FIXED_V2 + addresses) {
            return new ProxyHeader.Malformed("too short for its addresses");
        }
        if (length < taken) {
            return INCOMPLETE;
        }
        if (local || family == 0x00 || family == 0x31) {
            return new ProxyHeader.Unnamed(taken);
        }
        int bytes = family == 0x11 ? 4 : 16;
        int at = from + FIXED_V2;
        return new ProxyHeader.Named(
                taken,
                new InetSocketAddress(inet(bytes(in, at, bytes)), in.getUnsignedShort(at + 2 * bytes)),
                new InetSocketAddress(inet(bytes(in, at + bytes, bytes)), in.getUnsignedShort(at + 2 * bytes + 2)));
    }

    private static byte[] bytes(ByteBuf in, int from, int length) {
        byte[] bytes = new byte[length];
        in.getBytes(from, bytes);
        return bytes;
    }

    private static InetAddress inet(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are always an address", e);
        }
    }
}
