package io.pm2j.proxy.route;

import io.pm2j.config.spec.edge.UriPath;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// What a path of a request means, decided before any route is asked.
///
/// Routes decide who may see what, so a path must not mean one thing here and another behind us.
/// Some spellings are read differently by different origins, and each is dealt with once:
///
/// - **Dot segments** (RFC 3986 §5.2.4), plain or encoded, also as `..;x` or behind an encoded
///   slash, are *refused*. To remove them is to match one path and to forward another, or to forward
///   what was not asked for; clients remove them before they send (§5.2), so only an attacker or a
///   broken client has any left.
/// - **`%XX` that need not be** (§6.2.2.2) is the character itself: `/%61pi` is `/api`.
/// - **An encoded slash** (`%2F`, and `%5C`, which some take for one) is data and makes no segment
///   (§2.2). But an origin may decode it.
/// - **Empty segments** (`//`) are segments of their own (§3.3). But an origin may merge them.
/// - **Parameters** (`;v=1`, §3.3) belong to their segment. But an origin may take them off.
///
/// A path with any of the last three has several readings: as it stands, and with each of these
/// liberties taken. It is passed on only when all of them lead to the same route. So no spelling
/// leads around a route, neither one that is stricter nor one that is looser than its neighbours;
/// where it makes no difference, such as `/@scope%2Fname`, the path goes through as it came.
public sealed interface PathReading {
    /// One meaning, in the spelling of [UriPath].
    record Plain(String path) implements PathReading {}

    /// Several meanings, the strict one first. A route has to be the same for all.
    record Several(List<String> readings) implements PathReading {
        public Several {
            readings = List.copyOf(readings);
        }
    }

    /// No path that may be passed on.
    record Refused(Fault fault) implements PathReading {}

    /// Why a request for a path is refused: answered 400.
    enum Fault {
        NOT_A_PATH("RFC 9112 §3.2", "The target has a character that must be percent-encoded, or no slash first."),
        BAD_ENCODING("RFC 3986 §2.1", "The target has a bad percent-encoding."),
        DOT_SEGMENT("RFC 3986 §5.2.4", "The target has a dot segment."),
        AMBIGUOUS("RFC 3986 §2.2", "The target can be read in two ways that lead to different places.");

        private final String section;
        private final String sentence;

        Fault(String section, String sentence) {
            this.section = section;
            this.sentence = sentence;
        }

        /// The RFC and its section.
        public String section() {
            return section;
        }

        /// What the client is told.
        public String sentence() {
            return sentence;
        }
    }

    /// Whether a path has one meaning that can be seen without taking it apart: it is in the
    /// spelling of [UriPath] already. Allocates nothing.
    static boolean isPlain(CharSequence path) {
        int length = path.length();
        if (length == 0 || path.charAt(0) != '/') {
            return false;
        }
        char before = '/';
        for (int i = 1; i < length; i++) {
            char c = path.charAt(i);
            // A dot after a slash may begin a dot segment; which, is the slow way's to say.
            boolean suspect = (c == '/' || c == '.') && before == '/';
            if (suspect || c == ';' || c == '%' || c >= 0x80 || !PlainCharacters.has(c)) {
                return false;
            }
            before = c;
        }
        return true;
    }

    /// What a path means. Pure, total: any input has an answer.
    static PathReading of(CharSequence path) {
        if (path.length() == 0 || path.charAt(0) != '/') {
            return new Refused(Fault.NOT_A_PATH);
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                if (badOctet(path, i)) {
                    return new Refused(Fault.BAD_ENCODING);
                }
            } else if (c >= 0x80 || !PlainCharacters.has(c)) {
                return new Refused(Fault.NOT_A_PATH);
            }
        }
        String strict = UriPath.normal(path);
        if (hasDotSegment(strict)) {
            return new Refused(Fault.DOT_SEGMENT);
        }
        List<String> readings = readings(strict);
        return readings.size() == 1 ? new Plain(strict) : new Several(readings);
    }

    private static boolean hasDotSegment(String strict) {
        for (String segment : decodedSlashes(strict).split("/", -1)) {
            String name = withoutParameters(segment);
            if (name.equals(".") || name.equals("..")) {
                return true;
            }
        }
        return false;
    }

    /// Each liberty is taken or not; of at most sixteen readings few differ.
    private static List<String> readings(String strict) {
        Set<String> readings = new LinkedHashSet<>(List.of(strict));
        for (UnaryOperator<String> liberty : LIBERTIES) {
            for (String reading : List.copyOf(readings)) {
                readings.add(liberty.apply(reading));
            }
        }
        return List.copyOf(readings);
    }

    /// What origins are known to do to a path, in the order in which they do it.
    List<UnaryOperator<String>> LIBERTIES = List.of(
            path -> path.replace("%2F", "/"),
            path -> path.replace("%5C", "/"),
            path -> eachSegment(path, PathReading::withoutParameters),
            PathReading::merged);

    private static String decodedSlashes(String strict) {
        return strict.replace("%2F", "/").replace("%5C", "/");
    }

    private static String withoutParameters(String segment) {
        int semicolon = segment.indexOf(';');
        return semicolon < 0 ? segment : segment.substring(0, semicolon);
    }

    private static String eachSegment(String path, UnaryOperator<String> change) {
        return path.indexOf(';') < 0
                ? path
                : Arrays.stream(path.split("/", -1)).map(change).collect(Collectors.joining("/"));
    }

    private static String merged(String path) {
        String merged = path;
        while (merged.contains("//")) {
            merged = merged.replace("//", "/");
        }
        return merged;
    }

    /// No hexadecimal digits, NUL, or an overlong form of UTF-8 (RFC 3629 §3): `%C0%AE` is a dot
    /// to a careless decoder.
    private static boolean badOctet(CharSequence path, int at) {
        int octet = UriPath.octet(path, at);
        boolean encodedNext = at + 3 < path.length() && path.charAt(at + 3) == '%';
        int next = encodedNext ? UriPath.octet(path, at + 3) : -1;
        boolean overlong = octet == 0xc0
                || octet == 0xc1
                || octet == 0xe0 && next >= 0x80 && next < 0xa0
                || octet == 0xf0 && next >= 0x80 && next < 0x90;
        return octet <= 0 || overlong;
    }
}
