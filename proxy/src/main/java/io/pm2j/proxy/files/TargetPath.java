package io.pm2j.proxy.files;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a request target names, decided before the disk is asked anything.
///
/// Segments are split first and decoded after, so an encoded slash stays data (RFC 3986 §2.2). Dot segments are
/// refused, not resolved: no browser sends them.
sealed interface TargetPath {
    /// A longer name fits no file system we serve from, and would only come back as an I/O error.
    int MAX_SEGMENT_BYTES = 255;

    /// Not a path we may read: answered 400.
    record Malformed(String why) implements TargetPath {}

    /// A path that can name no public file: answered 404.
    record Unservable() implements TargetPath {}

    /// A path to look up.
    ///
    /// @param segments decoded; none is empty, hidden, or has a slash, backslash or NUL
    /// @param directory whether it ended in a slash
    /// @param canonical whether it had no empty segments
    /// @param query the raw query with its question mark, or empty
    record Lookup(List<String> segments, boolean directory, boolean canonical, String query) implements TargetPath {
        public Lookup {
            segments = List.copyOf(segments);
        }

        /// The one spelling of this path, as a directory or a file. Begins with exactly one slash, so as a
        /// `Location` it never leaves this origin.
        String spelled(boolean asDirectory) {
            StringBuilder path = new StringBuilder("/");
            for (int i = 0; i < segments.size(); i++) {
                encode(segments.get(i), path);
                if (asDirectory || i < segments.size() - 1) {
                    path.append('/');
                }
            }
            return path.append(query).toString();
        }
    }

    static TargetPath parse(String target) {
        String path = originForm(target);
        if (!path.startsWith("/")) {
            return new Malformed("The target must begin with a slash.");
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#' || c == '\\') {
                return new Malformed("The target has a character that must be percent-encoded.");
            }
        }
        int mark = path.indexOf('?');
        String query = mark < 0 ? "" : path.substring(mark);
        return segments(mark < 0 ? path : path.substring(0, mark), query);
    }

    private static TargetPath segments(String path, String query) {
        String[] raw = path.substring(1).split("/", -1);
        List<String> segments = new ArrayList<>();
        boolean canonical = true;
        boolean servable = true;
        for (int i = 0; i < raw.length; i++) {
            if (raw[i].isEmpty()) {
                canonical &= i == raw.length - 1;
                continue;
            }
            String segment = decode(raw[i]);
            if (segment == null || segment.indexOf('\0') >= 0 || segment.indexOf('\\') >= 0) {
                return new Malformed("The target has a bad percent-encoding.");
            }
            if (segment.equals(".") || segment.equals("..")) {
                return new Malformed("The target has a dot segment.");
            }
            servable &= segment.indexOf('/') < 0 && !hidden(segment, segments.size());
            servable &= segment.getBytes(StandardCharsets.UTF_8).length <= MAX_SEGMENT_BYTES;
            segments.add(segment);
        }
        if (!servable || path.length() > 3 * 4096) {
            return new Unservable();
        }
        return new Lookup(segments, raw[raw.length - 1].isEmpty(), canonical, query);
    }

    /// Names beginning with a dot are private, except the well-known directory of RFC 8615 at the root.
    static boolean hidden(String segment, int depth) {
        return segment.startsWith(".") && !(depth == 0 && segment.equals(".well-known"));
    }

    /// RFC 9112 §3.2.2: a server accepts the absolute form too. The host was judged by the route.
    private static String originForm(String target) {
        if (!target.regionMatches(true, 0, "http://", 0, 7) && !target.regionMatches(true, 0, "https://", 0, 8)) {
            return target;
        }
        int slash = target.indexOf('/', target.indexOf("//") + 2);
        return slash < 0 ? "/" : target.substring(slash);
    }

    private static @Nullable String decode(String raw) {
        if (raw.indexOf('%') < 0) {
            return raw;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) != '%') {
                bytes.write(raw.charAt(i));
                continue;
            }
            int high = i + 2 < raw.length() ? hex(raw.charAt(i + 1)) : -1;
            int low = i + 2 < raw.length() ? hex(raw.charAt(i + 2)) : -1;
            if (high < 0 || low < 0) {
                return null;
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        try {
            // A fresh decoder reports overlong forms and surrogates instead of replacing them.
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }

    private static int hex(char c) {
        // Character.digit would also take digits of other scripts.
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static void encode(String segment, StringBuilder out) {
        for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (plain || "-._~!$&'()*+,;=:@".indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
    }
}
