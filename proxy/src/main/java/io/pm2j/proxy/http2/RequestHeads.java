package io.pm2j.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.pm2j.proxy.http.Tokens;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes the head of a request of HTTP/2 as one of HTTP/1.1 (RFC 9113 §8.3.1).
///
/// What is written is read again, as strictly as what has come as HTTP/1.1. So what is refused here is what HTTP/2
/// itself forbids, and all that could be read as more than one head, field or body there.
public final class RequestHeads {
    /// The body comes in chunks of its own length each.
    public static final long CHUNKED = -1;
    /// Nothing that could be passed on (RFC 9113 §8.1.1).
    public static final long MALFORMED = -2;

    private static final byte[] LINE_END = Tokens.ascii("\r\n");
    private static final byte[] VERSION_AND_HOST = Tokens.ascii(" HTTP/1.1\r\nHost: ");
    private static final byte[] IN_CHUNKS = Tokens.ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] COOKIE = Tokens.ascii("Cookie: ");
    private static final byte[] TRAILERS = Tokens.ascii("trailers");
    private static final byte[] SERVER = {'*'};
    private static final byte[] CONNECT = Tokens.ascii("CONNECT");
    private static final Set<String> PSEUDO = Set.of(":method", ":scheme", ":authority", ":path");
    private static final int MOST_DIGITS = 18;

    private RequestHeads() {}

    /// Writes the head to `out`: the length of the body, [#CHUNKED] or [#MALFORMED], after which `out` is of no use.
    /// `ends` says whether the stream ends with it.
    public static long write(Http2Headers head, boolean ends, ByteBuf out) {
        byte[] method = bytes(head.method());
        byte[] path = bytes(head.path());
        byte[] host = host(head);
        boolean connects = method != null && Arrays.equals(method, CONNECT);
        byte[] target = connects ? host : path;
        if (method == null || target == null || host == null || !isToken(method)) {
            return MALFORMED;
        }
        // RFC 9113 §8.3.1, §8.5: CONNECT has neither, all others have both.
        if (connects != (head.scheme() == null) || connects != (path == null)) {
            return MALFORMED;
        }
        // RFC 9113 §8.3.1: not the absolute form, whose host would come before the one that is named.
        boolean relative = connects || Arrays.equals(target, SERVER) || target.length > 0 && target[0] == '/';
        if (!relative || !isVisible(target)) {
            return MALFORMED;
        }
        out.writeBytes(method).writeByte(' ').writeBytes(target);
        out.writeBytes(VERSION_AND_HOST).writeBytes(host).writeBytes(LINE_END);
        long length = ends ? 0 : CHUNKED;
        boolean cookies = false;
        for (Map.Entry<CharSequence, CharSequence> field : head) {
            AsciiString name = AsciiString.of(field.getKey());
            byte[] value = AsciiString.of(field.getValue()).toByteArray();
            if (!name.isEmpty() && name.byteAt(0) == ':') {
                if (!PSEUDO.contains(name.toString()) || head.getAll(name).size() > 1) {
                    return MALFORMED;
                }
                continue;
            }
            if (!isName(name) || !isValue(value)) {
                return MALFORMED;
            }
            switch (name.toString()) {
                case "host" -> {}
                // RFC 9113 §8.2.2
                case "connection",
                        "proxy-connection",
                        "keep-alive",
                        "transfer-encoding",
                        "upgrade",
                        "http2-settings" -> {
                    return MALFORMED;
                }
                case "te" -> {
                    if (!Tokens.is(value, 0, value.length, TRAILERS)) {
                        return MALFORMED;
                    }
                }
                case "content-length" -> {
                    long said = length(value);
                    boolean twice = length >= 0 && !ends;
                    if (said < 0 || twice || ends && said > 0) {
                        return MALFORMED;
                    }
                    length = said;
                    line(out, name, value);
                }
                case "cookie" -> cookies = true;
                default -> line(out, name, value);
            }
        }
        if (cookies) {
            cookies(head, out);
        }
        if (length == CHUNKED) {
            out.writeBytes(IN_CHUNKS);
        }
        out.writeBytes(LINE_END);
        return length;
    }

    /// Whether these are fields that may follow a body; they are not passed on.
    public static boolean isTrailer(Http2Headers fields) {
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            if (!isName(AsciiString.of(field.getKey()))
                    || !isValue(AsciiString.of(field.getValue()).toByteArray())) {
                return false;
            }
        }
        return true;
    }

    private static void line(ByteBuf out, AsciiString name, byte[] value) {
        out.writeBytes(name.array(), name.arrayOffset(), name.length());
        out.writeByte(':').writeByte(' ').writeBytes(value).writeBytes(LINE_END);
    }

    /// RFC 9113 §8.2.3: crumbs are one cookie again.
    private static void cookies(Http2Headers head, ByteBuf out) {
        out.writeBytes(COOKIE);
        boolean first = true;
        for (CharSequence crumb : head.getAll("cookie")) {
            if (!first) {
                out.writeByte(';').writeByte(' ');
            }
            first = false;
            out.writeBytes(AsciiString.of(crumb).toByteArray());
        }
        out.writeBytes(LINE_END);
    }

    /// The host that is meant; null when there is none, several, or two that differ.
    private static byte @Nullable [] host(Http2Headers head) {
        byte[] authority = bytes(head.authority());
        byte[] known = authority;
        for (CharSequence value : head.getAll("host")) {
            byte[] host = AsciiString.of(value).toByteArray();
            if (known == null) {
                known = host;
            } else if (authority == null || !Arrays.equals(known, host)) {
                return null;
            }
        }
        return known == null || !isVisible(known) ? null : known;
    }

    private static byte @Nullable [] bytes(@Nullable CharSequence value) {
        return value == null ? null : AsciiString.of(value).toByteArray();
    }

    private static boolean isToken(byte[] text) {
        for (byte b : text) {
            if (!Tokens.isToken(b)) {
                return false;
            }
        }
        return text.length > 0;
    }

    /// Whether it stays one word: no space, no control character.
    private static boolean isVisible(byte[] text) {
        for (byte b : text) {
            if (b >= 0 && b <= ' ' || b == 0x7f) {
                return false;
            }
        }
        return text.length > 0;
    }

    /// RFC 9113 §8.2: a token in lower case.
    private static boolean isName(AsciiString name) {
        for (int i = 0; i < name.length(); i++) {
            byte b = name.byteAt(i);
            if (!Tokens.isToken(b) || b >= 'A' && b <= 'Z') {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /// RFC 9113 §8.2.1, and no control characters besides (RFC 9110 §5.5).
    private static boolean isValue(byte[] value) {
        for (byte b : value) {
            if (b >= 0 && b < ' ' && b != '\t' || b == 0x7f) {
                return false;
            }
        }
        return value.length == 0 || !isBlank(value[0]) && !isBlank(value[value.length - 1]);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static long length(byte[] digits) {
        if (digits.length == 0 || digits.length > MOST_DIGITS) {
            return -1;
        }
        long length = 0;
        for (byte b : digits) {
            if (b < '0' || b > '9') {
                return -1;
            }
            length = length * 10 + b - '0';
        }
        return length;
    }
}
