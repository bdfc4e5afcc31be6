package io.pm2j.proxy.client;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// An address as two numbers. IPv4 stands as it does in IPv6 (`::ffff:192.0.2.1`), so that both
/// spellings of it are one address.
///
/// @param high the first 64 bits: of IPv6 what tells networks apart, of IPv4 0
/// @param low the last 64 bits
public record IpAddress(long high, long low) {
    /// The peer of a Unix socket has no address. It is in no block.
    public static final IpAddress NONE = new IpAddress(0, 0);

    private static final int LONGEST = 45;
    private static final long FOUR = 0xffffL << 32;

    /// Of 4 or 16 bytes in network order.
    static IpAddress of(byte[] bytes) {
        return bytes.length == 4
                ? new IpAddress(0, FOUR | number(bytes, 0, 4))
                : new IpAddress(number(bytes, 0, 8), number(bytes, 8, 16));
    }

    public static IpAddress of(InetAddress address) {
        return of(address.getAddress());
    }

    /// An address in its usual spelling, without brackets, port or zone; null when it is none.
    /// Never asks for a name, never throws.
    public static @Nullable IpAddress parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST || !isPlain(text)) {
            return null;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        return bytes == null ? null : of(bytes);
    }

    public boolean isNone() {
        return high == 0 && low == 0;
    }

    public boolean isFour() {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /// By what clients are told apart: the whole of IPv4; of IPv6 the first 64 bits, since
    /// whoever has one address has all of these (RFC 6177).
    public long network() {
        return isFour() ? low : high;
    }

    /// As RFC 5952 spells it; empty for [#NONE].
    public String text() {
        if (isNone()) {
            return "";
        }
        try {
            return NetUtil.toAddressString(InetAddress.getByAddress(bytes()));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes", e);
        }
    }

    /// In network order, 16 of them: an IPv4 address comes mapped (RFC 4291 §2.5.5.2).
    public byte[] bytes() {
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (high >>> 56 - 8 * i);
            bytes[8 + i] = (byte) (low >>> 56 - 8 * i);
        }
        return bytes;
    }

    private static long number(byte[] bytes, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            number = number << 8 | bytes[i] & 0xff;
        }
        return number;
    }

    /// Digits, colons and dots alone; and no `010`, which is octal to some and decimal to others.
    private static boolean isPlain(String text) {
        boolean dotted = text.indexOf('.') >= 0;
        int group = text.lastIndexOf(':') + 1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                group = i + 1;
            } else if (c != ':' && Character.digit(c, 16) < 0 || c > 'f') {
                return false;
            }
            if (dotted && i == group + 1 && c != '.' && text.charAt(group) == '0') {
                return false;
            }
        }
        return true;
    }
}
