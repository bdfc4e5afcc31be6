package io.pm2j.config.spec.edge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// A block of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address. A host's name is never
/// asked for.
///
/// `network` is hexadecimal, with the bits below `bits` cleared, so that equal blocks are equal.
/// An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is that IPv4 address.
public record Cidr(String network, int bits) {
    private static final HexFormat HEX = HexFormat.of();

    public Cidr {
        Rules.require(network.length() == 8 || network.length() == 32, Rules.quoted(network), "4 or 16 bytes");
        Rules.require(bits >= 0 && bits <= network.length() * 4, "/" + bits, "/0 to /" + network.length() * 4);
        network = HEX.formatHex(masked(HEX.parseHex(network), bits));
    }

    /// @throws IllegalArgumentException when it is no address or block
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = bytes(slash < 0 ? text : text.substring(0, slash), text);
        int most = address.length * 8;
        if (slash < 0) {
            return new Cidr(HEX.formatHex(address), most);
        }
        String digits = text.substring(slash + 1);
        boolean within = digits.matches("\\d{1,3}") && Integer.parseInt(digits) <= most;
        Rules.require(within, Rules.quoted(text), "/0 to /" + most);
        int bits = Integer.parseInt(digits);
        boolean clean = Arrays.equals(masked(address, bits), address);
        Rules.require(clean, Rules.quoted(text), "no bits set below /" + bits + "; a single address has no slash");
        return new Cidr(HEX.formatHex(address), bits);
    }

    /// Whether an address of 4 or 16 bytes, in network order, is in it.
    public boolean contains(byte[] address) {
        byte[] plain = unmapped(address);
        return plain.length * 2 == network.length()
                && HEX.formatHex(masked(plain, bits)).equals(network);
    }

    /// The bytes of the first address, for those who compare faster than [#contains].
    public byte[] first() {
        return HEX.parseHex(network);
    }

    /// As [#parse] takes it: `10.0.0.0/8`.
    public String text() {
        byte[] bytes = first();
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < bytes.length; i += bytes.length == 4 ? 1 : 2) {
            parts.add(
                    bytes.length == 4
                            ? String.valueOf(bytes[i] & 0xff)
                            : Integer.toHexString((bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff));
        }
        return String.join(bytes.length == 4 ? "." : ":", parts) + "/" + bits;
    }

    private static byte[] bytes(String address, String all) {
        boolean literal = address.matches("[0-9.]+") || address.indexOf(':') >= 0 && address.matches("[0-9a-fA-F:.]+");
        Rules.require(literal, Rules.quoted(all), "an address or a block such as 10.0.0.0/8");
        return unmapped(address.indexOf(':') >= 0 ? six(address, all) : four(address, all));
    }

    private static byte[] four(String address, String all) {
        String[] parts = address.split("\\.", -1);
        Rules.require(parts.length == 4, Rules.quoted(all), "four numbers, as 192.0.2.1");
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            // A leading zero is octal to some and decimal to others.
            boolean number = parts[i].matches("0|[1-9]\\d{0,2}") && Integer.parseInt(parts[i]) <= 255;
            Rules.require(number, Rules.quoted(all), "numbers from 0 to 255 without leading zeros");
            bytes[i] = (byte) Integer.parseInt(parts[i]);
        }
        return bytes;
    }

    /// RFC 4291 §2.2.
    private static byte[] six(String address, String all) {
        String text = address;
        int lastColon = text.lastIndexOf(':');
        if (text.indexOf('.') >= 0) {
            byte[] tail = four(text.substring(lastColon + 1), all);
            String hex = HEX.formatHex(tail);
            text = text.substring(0, lastColon + 1) + hex.substring(0, 4) + ":" + hex.substring(4);
        }
        int gap = text.indexOf("::");
        boolean one = gap < 0 || text.indexOf("::", gap + 1) < 0;
        Rules.require(one, Rules.quoted(all), "an IPv6 address with :: once at most");
        String[] head = words(gap < 0 ? text : text.substring(0, gap));
        String[] tail = gap < 0 ? new String[0] : words(text.substring(gap + 2));
        int given = head.length + tail.length;
        Rules.require(gap < 0 ? given == 8 : given < 8, Rules.quoted(all), "an IPv6 address");
        byte[] bytes = new byte[16];
        fill(bytes, 0, head, all);
        fill(bytes, 8 - tail.length, tail, all);
        return bytes;
    }

    private static String[] words(String text) {
        return text.isEmpty() ? new String[0] : text.split(":", -1);
    }

    private static void fill(byte[] bytes, int from, String[] words, String all) {
        for (int i = 0; i < words.length; i++) {
            Rules.require(words[i].matches("[0-9a-fA-F]{1,4}"), Rules.quoted(all), "an IPv6 address");
            int value = Integer.parseInt(words[i], 16);
            bytes[2 * (from + i)] = (byte) (value >> 8);
            bytes[2 * (from + i) + 1] = (byte) value;
        }
    }

    private static byte[] unmapped(byte[] address) {
        if (address.length != 16 || (address[10] & address[11] & 0xff) != 0xff) {
            return address;
        }
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return address;
            }
        }
        return Arrays.copyOfRange(address, 12, 16);
    }

    private static byte[] masked(byte[] address, int bits) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.clamp(bits - 8L * i, 0, 8);
            masked[i] &= (byte) (0xff00 >> kept);
        }
        return masked;
    }
}
