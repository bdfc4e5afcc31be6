package io.pm2j.proxy.corpus;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a strict reader makes of the bytes of one client: RFC 9110 and 9112 with regular expressions over
/// the whole text, so slow and plain that nobody takes it for the proxy's own reading.
public final class ReferenceReading {
    public record Field(String name, String value) {
        boolean is(String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    /// `head` and `end`: where its head and it itself end in the bytes.
    public record Request(
            String method, String target, String version, List<Field> fields, String body, int head, int end) {
        public boolean http10() {
            return version.equals("HTTP/1.0");
        }

        public boolean closes() {
            return http10() || list("Connection").contains("close");
        }

        public List<String> values(String name) {
            return fields.stream().filter(f -> f.is(name)).map(Field::value).toList();
        }

        public Set<String> list(String name) {
            Set<String> members = new java.util.LinkedHashSet<>();
            for (String value : values(name)) {
                for (String member : value.split(",")) {
                    members.add(trim(member).toLowerCase(Locale.ROOT));
                }
            }
            return members;
        }
    }

    /// Where a reading ends: at the end of the bytes, before it, or with a refusal.
    public enum End {
        AT_END,
        SHORT_HEAD,
        SHORT_BODY,
        BAD_HEAD,
        BAD_BODY
    }

    public record Reading(List<Request> requests, End end) {}

    public record Limits(int head, int line, int fields) {}

    private static final String TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
    private static final Pattern LINE = Pattern.compile("(" + TOKEN + ") ([^ ]+) (HTTP/1\\.[01])");
    private static final Pattern FIELD =
            Pattern.compile("(" + TOKEN + "):[ \\t]*((?:[\\x21-\\x7e\\x80-\\xff](?:[ \\t\\x21-\\x7e\\x80-\\xff]*"
                    + "[\\x21-\\x7e\\x80-\\xff])?)?)[ \\t]*");
    private static final String H16 = "[0-9A-Fa-f]{1,4}";
    private static final Pattern NAME = Pattern.compile("(?:[A-Za-z0-9\\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*");
    private static final Pattern FUTURE = Pattern.compile("[vV][0-9A-Fa-f]+\\.[A-Za-z0-9\\-._~!$&'()*+,;=:]+");
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[^\\]]*\\]|[^:\\[\\]]*)(?::([0-9]{0,5}))?");
    private static final Pattern ABSOLUTE = Pattern.compile("(?i)https?://([^/?]*)(.*)");
    private static final Pattern SIZE = Pattern.compile("[0-9A-Fa-f]{1,15}");
    private static final Pattern EXTENSIONS = Pattern.compile("(?:[ \\t]*;[ \\t]*" + TOKEN + "(?:[ \\t]*=[ \\t]*(?:"
            + TOKEN + "|\"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*\"))?)*");
    private static final int MOST_EXTENSION = 256;
    private static final int MOST_TRAILER = 8 * 1024;

    private final String text;
    private final Limits limits;
    private final List<Request> requests = new ArrayList<>();
    private int at;
    private StringBuilder body = new StringBuilder();

    private ReferenceReading(byte[] bytes, Limits limits) {
        text = new String(bytes, StandardCharsets.ISO_8859_1);
        this.limits = limits;
    }

    /// Reads until the end, the first refusal, or a request after which the connection ends.
    public static Reading of(byte[] bytes, Limits limits) {
        return new ReferenceReading(bytes, limits).read(true);
    }

    /// Reads one message, and no empty line before it.
    public static Reading first(byte[] bytes, Limits limits) {
        return new ReferenceReading(bytes, limits).read(false);
    }

    private Reading read(boolean all) {
        for (; ; ) {
            while (all && text.startsWith("\r\n", at)) {
                at += 2;
            }
            if (at == text.length()) {
                return new Reading(requests, End.AT_END);
            }
            End end = one();
            if (end != End.AT_END || !all || requests.getLast().closes()) {
                return new Reading(requests, end);
            }
        }
    }

    private End one() {
        int stop = text.indexOf("\r\n\r\n", at);
        boolean whole = stop >= 0 && stop + 4 - at <= limits.head;
        String head = whole ? text.substring(at, stop) : text.substring(at);
        if (!whole) {
            boolean tooLarge = text.length() - at >= limits.head;
            return tooLarge || hopeless(head) ? End.BAD_HEAD : End.SHORT_HEAD;
        }
        String[] lines = head.split("\r\n", -1);
        Matcher m = LINE.matcher(lines[0]);
        if (!m.matches() || m.group(1).length() > 32 || lines[0].length() > limits.line) {
            return End.BAD_HEAD;
        }
        List<Field> fields = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            Matcher f = FIELD.matcher(lines[i]);
            if (!f.matches()) {
                return End.BAD_HEAD;
            }
            fields.add(new Field(f.group(1), f.group(2)));
        }
        int headEnd = stop + 4;
        Request request = new Request(m.group(1), m.group(2), m.group(3), fields, "", headEnd, headEnd);
        if (fields.size() > limits.fields || !validTarget(request) || !validHost(request) || !validFraming(request)) {
            return End.BAD_HEAD;
        }
        at = headEnd;
        return body(request);
    }

    /// Whether no further bytes can make an unfinished head valid: a line of it that is complete is bad.
    private boolean hopeless(String head) {
        int line = head.lastIndexOf("\r\n");
        String unfinished = head.substring(Math.max(0, line));
        return Pattern.compile("[^\\r]\\n|\\r[^\\n]").matcher(unfinished).find() || head.startsWith("\n");
    }

    private static boolean validTarget(Request r) {
        String t = r.target;
        if (r.method.equals("CONNECT") || r.method.equals("TRACE") || !t.matches("[\\x21\\x22\\x24-\\x7e]+")) {
            return false;
        }
        Matcher absolute = ABSOLUTE.matcher(t);
        if (absolute.matches()) {
            String authority = absolute.group(1);
            return validAuthority(authority) && !authority.isEmpty() && !authority.startsWith(":");
        }
        return t.startsWith("/") || t.equals("*") && r.method.equals("OPTIONS");
    }

    private static boolean validHost(Request r) {
        List<String> hosts = r.values("Host");
        return hosts.size() <= 1
                && (r.http10() || hosts.size() == 1)
                && hosts.stream().allMatch(ReferenceReading::validAuthority);
    }

    private static boolean validAuthority(String text) {
        Matcher m = AUTHORITY.matcher(text);
        if (!m.matches()) {
            return false;
        }
        String port = m.group(2);
        if (port != null && !port.isEmpty() && Integer.parseInt(port) > 65_535) {
            return false;
        }
        String host = m.group(1);
        if (!host.startsWith("[")) {
            return NAME.matcher(host).matches();
        }
        String inner = host.substring(1, host.length() - 1);
        return FUTURE.matcher(inner).matches() || validIpv6(inner);
    }

    /// RFC 3986 §3.2.2: eight groups, or fewer and one `::`; the last two may be an IPv4 address.
    private static boolean validIpv6(String text) {
        String t = text;
        int dot = t.indexOf('.');
        if (dot >= 0) {
            int from = t.lastIndexOf(':') + 1;
            String v4 = t.substring(from);
            if (!v4.matches("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}")) {
                return false;
            }
            t = t.substring(0, from) + "0:0";
        }
        int gap = t.indexOf("::");
        if (gap >= 0 && t.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        if (gap < 0) {
            return t.matches(H16 + "(?::" + H16 + "){7}");
        }
        String before = t.substring(0, gap);
        String after = t.substring(gap + 2);
        int groups = 0;
        for (String side : List.of(before, after)) {
            if (!side.isEmpty()) {
                if (!side.matches(H16 + "(?::" + H16 + ")*")) {
                    return false;
                }
                groups += side.split(":").length;
            }
        }
        return groups <= 7;
    }

    private static boolean validFraming(Request r) {
        List<String> lengths = r.values("Content-Length");
        List<String> encodings = r.values("Transfer-Encoding");
        boolean length =
                lengths.isEmpty() || lengths.size() == 1 && lengths.getFirst().matches("[0-9]{1,18}");
        boolean encoding = encodings.isEmpty()
                || encodings.size() == 1 && encodings.getFirst().equalsIgnoreCase("chunked") && !r.http10();
        boolean expectation =
                r.http10() || r.values("Expect").stream().allMatch(e -> e.equalsIgnoreCase("100-continue"));
        return length && encoding && expectation && (lengths.isEmpty() || encodings.isEmpty());
    }

    private End body(Request r) {
        body = new StringBuilder();
        List<String> lengths = r.values("Content-Length");
        End end = End.AT_END;
        if (!lengths.isEmpty()) {
            long length = Long.parseLong(lengths.getFirst());
            if (text.length() - at < length) {
                return End.SHORT_BODY;
            }
            body.append(text, at, at + (int) length);
            at += (int) length;
        } else if (!r.values("Transfer-Encoding").isEmpty()) {
            end = chunks();
        }
        if (end == End.AT_END) {
            requests.add(new Request(r.method, r.target, r.version, r.fields, body.toString(), r.head, at));
        }
        return end;
    }

    private End chunks() {
        for (; ; ) {
            int line = text.indexOf("\r\n", at);
            String size = text.substring(at, line < 0 ? text.length() : line);
            Matcher digits = SIZE.matcher(size);
            if (line < 0) {
                return size.matches("(?s).*[\\n].*|.*\\r[^\\n].*") || !size.isEmpty() && !digits.lookingAt()
                        ? End.BAD_BODY
                        : End.SHORT_BODY;
            }
            if (!digits.lookingAt() || !validExtensions(size.substring(digits.end()))) {
                return End.BAD_BODY;
            }
            long left = Long.parseLong(digits.group(), 16);
            at = line + 2;
            if (left == 0) {
                return trailers();
            }
            if (text.length() - at < left + 2) {
                String rest = text.substring((int) Math.min(text.length(), at + left));
                return "\r\n".startsWith(rest) ? End.SHORT_BODY : End.BAD_BODY;
            }
            body.append(text, at, at + (int) left);
            at += (int) left;
            if (!text.startsWith("\r\n", at)) {
                return End.BAD_BODY;
            }
            at += 2;
        }
    }

    private static boolean validExtensions(String extensions) {
        return extensions.length() <= MOST_EXTENSION
                && EXTENSIONS.matcher(extensions).matches();
    }

    private End trailers() {
        int from = at;
        for (; ; ) {
            int line = text.indexOf("\r\n", at);
            if (line < 0 || line - from > MOST_TRAILER) {
                boolean bad = text.length() - from > MOST_TRAILER
                        || Pattern.compile("\\n|\\r[^\\n]")
                                .matcher(text.substring(at))
                                .find();
                return bad ? End.BAD_BODY : End.SHORT_BODY;
            }
            String field = text.substring(at, line);
            at = line + 2;
            if (field.isEmpty()) {
                return End.AT_END;
            }
            if (!FIELD.matcher(field).matches()) {
                return End.BAD_BODY;
            }
        }
    }

    private static String trim(String text) {
        return text.replaceAll("^[ \\t]+|[ \\t]+$", "");
    }
}
