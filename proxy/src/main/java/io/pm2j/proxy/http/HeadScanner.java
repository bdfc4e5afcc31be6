package io.pm2j.proxy.http;

import org.jspecify.annotations.Nullable;

/// Finds the fields of a request or response head in a byte array and refuses what is not strictly valid.
///
/// A head is copied into an array with [Tokens#PADDING] zero bytes after it: zero is no token and ends
/// every value, so the loops need no bound of their own. Scanning starts over when more bytes have come;
/// the outcome depends on the bytes alone, never on how they were split.
public final class HeadScanner {
    /// The answer when the head is not complete yet.
    public static final int MORE = 0;

    /// The answer when the head is refused; [#violation] tells why.
    public static final int REFUSED = -1;

    private static final int LONGEST_METHOD = 32;

    private static final byte[] CONNECTION = Tokens.ascii("connection");
    private static final byte[] CONTENT_LENGTH = Tokens.ascii("content-length");
    private static final byte[] TRANSFER_ENCODING = Tokens.ascii("transfer-encoding");
    private static final byte[] CHUNKED = Tokens.ascii("chunked");
    private static final byte[] KEEP_ALIVE = Tokens.ascii("keep-alive");
    private static final byte[] PROXY_CONNECTION = Tokens.ascii("proxy-connection");
    private static final byte[] UPGRADE = Tokens.ascii("upgrade");
    private static final byte[] HTTP2_SETTINGS = Tokens.ascii("http2-settings");
    private static final byte[] H2C = Tokens.ascii("h2c");
    private static final byte[] TE = Tokens.ascii("te");
    private static final byte[] TRAILER = Tokens.ascii("trailer");
    private static final byte[] HOST = Tokens.ascii("host");
    private static final byte[] EXPECT = Tokens.ascii("expect");
    private static final byte[] CONTINUE = Tokens.ascii("100-continue");
    private static final byte[] CLOSE = Tokens.ascii("close");
    private static final byte[] TIMEOUT = Tokens.ascii("timeout=");
    private static final byte[] X_FORWARDED = Tokens.ascii("x-forwarded-");
    private static final byte[] FORWARDED = Tokens.ascii("forwarded");
    private static final byte[] X_REAL_IP = Tokens.ascii("x-real-ip");
    private static final byte[] HTTP_SCHEME = Tokens.ascii("http://");
    private static final byte[] HTTPS_SCHEME = Tokens.ascii("https://");

    /// Names that end here or are set here; also refused in their underscore spelling.
    private static final byte[][] OURS = {
        CONNECTION,
        CONTENT_LENGTH,
        TRANSFER_ENCODING,
        KEEP_ALIVE,
        PROXY_CONNECTION,
        UPGRADE,
        HTTP2_SETTINGS,
        HOST,
        X_REAL_IP,
        FORWARDED
    };

    /// Names that `Connection` cannot remove, because the origin's decisions rest on them.
    private static final byte[][] PROTECTED = {
        HOST,
        CONTENT_LENGTH,
        TRANSFER_ENCODING,
        EXPECT,
        Tokens.ascii("authorization"),
        Tokens.ascii("cookie"),
        Tokens.ascii("set-cookie"),
        Tokens.ascii("content-type"),
        Tokens.ascii("content-encoding"),
        Tokens.ascii("cache-control"),
        Tokens.ascii("location"),
        Tokens.ascii("date")
    };

    private final int longestRequestLine;
    private final int mostFields;
    private @Nullable Violation violation;

    public HeadScanner(int longestRequestLine, int mostFields) {
        this.longestRequestLine = longestRequestLine;
        this.mostFields = Math.min(mostFields, Fields.MOST_FIELDS);
    }

    /// Why the last scan refused.
    public Violation violation() {
        Violation known = violation;
        return known == null ? Violation.BAD_REQUEST_LINE : known;
    }

    /// Scans a request head in `bytes[0, length)`: its length, [#MORE] or [#REFUSED].
    public int request(byte[] bytes, int length, RequestHead head) {
        pad(bytes, length);
        head.reset();
        int line = requestLine(bytes, length, head);
        if (line <= 0) {
            return line;
        }
        int end = fields(bytes, line, length, head, true);
        return end <= 0 ? end : judgeRequest(end, head);
    }

    /// Scans a response head in `bytes[0, length)`: its length, [#MORE] or [#REFUSED].
    public int response(byte[] bytes, int length, ResponseHead head) {
        pad(bytes, length);
        head.reset();
        int line = statusLine(bytes, length, head);
        if (line <= 0) {
            return line;
        }
        int end = fields(bytes, line, length, head, false);
        return end <= 0 ? end : judgeResponse(end, head, bytes);
    }

    private static void pad(byte[] bytes, int length) {
        for (int i = 0; i < Tokens.PADDING; i++) {
            bytes[length + i] = 0;
        }
    }

    private int refuse(Violation why) {
        violation = why;
        return REFUSED;
    }

    private int requestLine(byte[] b, int n, RequestHead head) {
        int i = 0;
        while (i < n && Tokens.isToken(b[i])) {
            i++;
        }
        if (i > LONGEST_METHOD) {
            return refuse(Violation.BAD_METHOD);
        }
        if (i >= n) {
            return MORE;
        }
        if (i == 0 || b[i] != ' ') {
            return refuse(i == 0 ? Violation.BAD_METHOD : Violation.BAD_REQUEST_LINE);
        }
        head.methodEnd = i;
        head.method = Method.of(b, i);
        int target = i + 1;
        i = Tokens.skipVisible(b, target, n);
        if (Math.min(i, n) > longestRequestLine) {
            return refuse(Violation.TARGET_TOO_LONG);
        }
        if (i >= n) {
            return MORE;
        }
        if (b[i] != '\r') {
            return refuse(b[i] == '\n' ? Violation.BARE_LINE_END : Violation.BAD_TARGET);
        }
        if (i + 1 >= n) {
            return MORE;
        }
        if (b[i + 1] != '\n') {
            return refuse(Violation.BARE_LINE_END);
        }
        return versionAndTarget(b, target, i, head);
    }

    /// RFC 9112 §3: `target SP HTTP-version`, exactly one blank on each side.
    private int versionAndTarget(byte[] b, int target, int end, RequestHead head) {
        int v = end - 8;
        if (v <= target || b[v - 1] != ' ' || !isHttp(b, v)) {
            return refuse(Violation.BAD_REQUEST_LINE);
        }
        if (b[v + 5] != '1' || b[v + 6] != '.' || b[v + 7] != '0' && b[v + 7] != '1') {
            boolean digits = isDigit(b[v + 5]) && b[v + 6] == '.' && isDigit(b[v + 7]);
            return refuse(digits ? Violation.BAD_VERSION : Violation.BAD_REQUEST_LINE);
        }
        head.http10 = b[v + 7] == '0';
        if (head.method == Method.CONNECT || head.method == Method.TRACE) {
            return refuse(Violation.METHOD_NOT_ALLOWED);
        }
        head.targetStart = target;
        head.targetEnd = v - 1;
        for (int k = target; k < head.targetEnd; k++) {
            byte c = b[k];
            if (c == ' ' || c < 0) {
                return refuse(Violation.BAD_TARGET);
            }
            if (c == '#') {
                return refuse(Violation.FRAGMENT);
            }
        }
        Violation bad = targetForm(b, head);
        return bad == null ? end + 2 : refuse(bad);
    }

    private static @Nullable Violation targetForm(byte[] b, RequestHead head) {
        int s = head.targetStart;
        int e = head.targetEnd;
        if (s >= e) {
            return Violation.BAD_TARGET;
        }
        if (b[s] == '/') {
            return null;
        }
        if (b[s] == '*') {
            return e - s == 1 && head.method == Method.OPTIONS ? null : Violation.BAD_TARGET;
        }
        int scheme = Tokens.startsWith(b, s, e, HTTP_SCHEME)
                ? HTTP_SCHEME.length
                : Tokens.startsWith(b, s, e, HTTPS_SCHEME) ? HTTPS_SCHEME.length : 0;
        if (scheme == 0) {
            return Violation.BAD_TARGET;
        }
        int a = s + scheme;
        int path = a;
        while (path < e && b[path] != '/' && b[path] != '?') {
            path++;
        }
        head.authorityStart = a;
        head.authorityEnd = path;
        head.targetStart = path;
        return path > a && b[a] != ':' && Authority.valid(b, a, path) ? null : Violation.BAD_HOST;
    }

    private int statusLine(byte[] b, int n, ResponseHead head) {
        byte[] start = STATUS_START;
        for (int i = 0; i < Math.min(n, start.length); i++) {
            if (b[i] != start[i]) {
                return refuse(Violation.BAD_STATUS_LINE);
            }
        }
        if (n < 13) {
            return MORE;
        }
        boolean version = b[7] == '0' || b[7] == '1';
        boolean digits = b[9] >= '1' && b[9] <= '9' && isDigit(b[10]) && isDigit(b[11]);
        if (!version || b[8] != ' ' || !digits || b[12] != ' ' && b[12] != '\r') {
            return refuse(Violation.BAD_STATUS_LINE);
        }
        head.http10 = b[7] == '0';
        head.status = (b[9] - '0') * 100 + (b[10] - '0') * 10 + (b[11] - '0');
        int i = skipValue(b, 12, n);
        if (i + 1 >= n) {
            return MORE;
        }
        return b[i] == '\r' && b[i + 1] == '\n' ? i + 2 : refuse(Violation.BAD_STATUS_LINE);
    }

    private static final byte[] STATUS_START = Tokens.ascii("HTTP/1.");

    private int fields(byte[] b, int from, int n, Fields head, boolean request) {
        int i = from;
        for (; ; ) {
            if (i >= n) {
                return MORE;
            }
            if (b[i] == '\r') {
                if (i + 1 >= n) {
                    return MORE;
                }
                if (b[i + 1] != '\n') {
                    return refuse(Violation.BARE_LINE_END);
                }
                head.end = i + 2;
                return head.namesFields ? dropNamed(b, head) : head.end;
            }
            int line = field(b, i, n, head, request);
            if (line <= 0) {
                return line;
            }
            i = line;
        }
    }

    /// One header line; the index after it, [#MORE] or [#REFUSED].
    private int field(byte[] b, int from, int n, Fields head, boolean request) {
        int i = from;
        while (Tokens.isToken(b[i])) {
            i++;
        }
        if (i >= n) {
            return MORE;
        }
        if (i == from || b[i] != ':') {
            return refuse(badName(b, from, i));
        }
        int value = i + 1;
        while (Tokens.isBlank(b[value])) {
            value++;
        }
        int end = skipValue(b, value, n);
        if (end >= n) {
            return MORE;
        }
        if (b[end] != '\r') {
            return refuse(b[end] == '\n' ? Violation.BARE_LINE_END : Violation.BAD_FIELD_VALUE);
        }
        if (end + 1 >= n) {
            return MORE;
        }
        if (b[end + 1] != '\n') {
            return refuse(Violation.BARE_LINE_END);
        }
        if (head.count >= mostFields) {
            return refuse(Violation.TOO_MANY_FIELDS);
        }
        int f = head.count++;
        head.start[f] = from;
        head.nameEnd[f] = i;
        head.valueStart[f] = value;
        head.lineEnd[f] = end + 2;
        int trimmed = end;
        while (trimmed > value && Tokens.isBlank(b[trimmed - 1])) {
            trimmed--;
        }
        head.valueEnd[f] = trimmed;
        Violation bad = request ? requestField(b, f, (RequestHead) head) : responseField(b, f, (ResponseHead) head);
        return bad == null ? end + 2 : refuse(bad);
    }

    private static Violation badName(byte[] b, int from, int at) {
        if (at == from && Tokens.isBlank(b[at])) {
            return Violation.FOLDED_LINE;
        }
        return b[at] == '\n' ? Violation.BARE_LINE_END : Violation.BAD_FIELD_NAME;
    }

    /// Like [Tokens#skipVisible], but a tab belongs to a value.
    private static int skipValue(byte[] b, int from, int n) {
        int i = Tokens.skipVisible(b, from, n);
        while (i < n && b[i] == '\t') {
            i = Tokens.skipVisible(b, i + 1, n);
        }
        return i;
    }

    private @Nullable Violation requestField(byte[] b, int f, RequestHead head) {
        int s = head.start[f];
        int e = head.nameEnd[f];
        switch (e - s) {
            case 4 -> {
                if (Tokens.is(b, s, e, HOST)) {
                    return host(b, f, head);
                }
            }
            case 6 -> {
                if (Tokens.is(b, s, e, EXPECT)) {
                    return expect(b, f, head);
                }
            }
            case 9 -> {
                if (Tokens.is(b, s, e, FORWARDED) || Tokens.is(b, s, e, X_REAL_IP)) {
                    head.drop(f);
                }
            }
            case 14 -> {
                if (Tokens.is(b, s, e, HTTP2_SETTINGS)) {
                    head.drop(f);
                }
            }
            default -> {}
        }
        if (Tokens.startsWith(b, s, e, X_FORWARDED) || shadowsOurs(b, s, e)) {
            head.drop(f);
        }
        return commonField(b, f, head);
    }

    private static @Nullable Violation host(byte[] b, int f, RequestHead head) {
        if (head.host >= 0) {
            return Violation.REPEATED_HOST;
        }
        head.host = f;
        if (!Authority.valid(b, head.valueStart[f], head.valueEnd[f])) {
            return Violation.BAD_HOST;
        }
        if (head.absoluteForm()) {
            head.drop(f);
        }
        return null;
    }

    private static @Nullable Violation expect(byte[] b, int f, RequestHead head) {
        if (head.http10) {
            head.drop(f);
            return null;
        }
        head.expectsContinue = true;
        boolean known = Tokens.is(b, head.valueStart[f], head.valueEnd[f], CONTINUE);
        return known ? null : Violation.UNKNOWN_EXPECTATION;
    }

    private @Nullable Violation responseField(byte[] b, int f, ResponseHead head) {
        int s = head.start[f];
        int e = head.nameEnd[f];
        if (e - s == KEEP_ALIVE.length && Tokens.is(b, s, e, KEEP_ALIVE)) {
            head.keepAliveSeconds = timeout(b, head.valueStart[f], head.valueEnd[f]);
        }
        return commonField(b, f, head);
    }

    /// What is the same both ways: framing, and the fields that end at each hop (RFC 9110 §7.6.1).
    private @Nullable Violation commonField(byte[] b, int f, Fields head) {
        int s = head.start[f];
        int e = head.nameEnd[f];
        switch (e - s) {
            case 2 -> dropIf(b, f, head, TE);
            case 7 -> {
                if (Tokens.is(b, s, e, UPGRADE)) {
                    head.upgrade = f;
                    head.upgrades++;
                    head.drop(f);
                } else {
                    dropIf(b, f, head, TRAILER);
                }
            }
            case 10 -> {
                if (Tokens.is(b, s, e, CONNECTION)) {
                    connection(b, f, head);
                } else {
                    dropIf(b, f, head, KEEP_ALIVE);
                }
            }
            case 14 -> {
                if (Tokens.is(b, s, e, CONTENT_LENGTH)) {
                    return contentLength(b, f, head);
                }
            }
            case 16 -> dropIf(b, f, head, PROXY_CONNECTION);
            case 17 -> {
                if (Tokens.is(b, s, e, TRANSFER_ENCODING)) {
                    if (head.chunked || !Tokens.is(b, head.valueStart[f], head.valueEnd[f], CHUNKED)) {
                        return Violation.BAD_TRANSFER_ENCODING;
                    }
                    head.chunked = true;
                }
            }
            default -> {}
        }
        return null;
    }

    private static void dropIf(byte[] b, int f, Fields head, byte[] name) {
        if (Tokens.is(b, head.start[f], head.nameEnd[f], name)) {
            head.drop(f);
        }
    }

    private static void connection(byte[] b, int f, Fields head) {
        int s = head.valueStart[f];
        int e = head.valueEnd[f];
        boolean close = Tokens.lists(b, s, e, CLOSE);
        boolean keep = Tokens.lists(b, s, e, KEEP_ALIVE);
        boolean upgrade = Tokens.lists(b, s, e, UPGRADE);
        head.close |= close;
        head.keepAlive |= keep;
        head.connectionUpgrade |= upgrade;
        boolean onlyOne = Tokens.is(b, s, e, CLOSE) || Tokens.is(b, s, e, KEEP_ALIVE) || Tokens.is(b, s, e, UPGRADE);
        head.namesFields |= !onlyOne;
        head.drop(f);
    }

    /// Digits only, once, and small enough for a signed 64-bit number (RFC 9112 §6.3).
    private static @Nullable Violation contentLength(byte[] b, int f, Fields head) {
        if (head.contentLength >= 0) {
            return Violation.REPEATED_CONTENT_LENGTH;
        }
        int s = head.valueStart[f];
        int e = head.valueEnd[f];
        if (s == e || e - s > 18) {
            return Violation.BAD_CONTENT_LENGTH;
        }
        long length = 0;
        for (int i = s; i < e; i++) {
            if (!isDigit(b[i])) {
                return Violation.BAD_CONTENT_LENGTH;
            }
            length = length * 10 + (b[i] - '0');
        }
        head.contentLength = length;
        return null;
    }

    /// Drops the lines that `Connection` names (RFC 9110 §7.6.1), never a protected one.
    private static int dropNamed(byte[] b, Fields head) {
        for (int c = 0; c < head.count; c++) {
            if (!Tokens.is(b, head.start[c], head.nameEnd[c], CONNECTION)) {
                continue;
            }
            for (int f = 0; f < head.count; f++) {
                byte[] name = lowerName(b, head.start[f], head.nameEnd[f]);
                if (!isAnyOf(name, PROTECTED) && Tokens.lists(b, head.valueStart[c], head.valueEnd[c], name)) {
                    head.drop(f);
                }
            }
        }
        return head.end;
    }

    private static byte[] lowerName(byte[] b, int s, int e) {
        byte[] name = new byte[e - s];
        for (int i = s; i < e; i++) {
            name[i - s] = Tokens.lower(b[i]);
        }
        return name;
    }

    private static boolean isAnyOf(byte[] name, byte[][] names) {
        for (byte[] other : names) {
            if (java.util.Arrays.equals(name, other)) {
                return true;
            }
        }
        return false;
    }

    /// `X_Forwarded_For`: programs that read fields as CGI variables cannot tell it from ours.
    private static boolean shadowsOurs(byte[] b, int s, int e) {
        boolean underscore = false;
        for (int i = s; i < e; i++) {
            underscore |= b[i] == '_';
        }
        if (!underscore) {
            return false;
        }
        byte[] name = lowerName(b, s, e);
        for (int i = 0; i < name.length; i++) {
            name[i] = name[i] == '_' ? (byte) '-' : name[i];
        }
        return isAnyOf(name, OURS) || Tokens.startsWith(name, 0, name.length, X_FORWARDED);
    }

    private int judgeRequest(int end, RequestHead head) {
        if (head.chunked && head.contentLength >= 0) {
            return refuse(Violation.LENGTH_AND_ENCODING);
        }
        if (head.chunked && head.http10) {
            return refuse(Violation.ENCODING_IN_HTTP_10);
        }
        if (head.host < 0 && !head.http10) {
            return refuse(Violation.NO_HOST);
        }
        return end;
    }

    private int judgeResponse(int end, ResponseHead head, byte[] b) {
        if (head.chunked && head.contentLength >= 0) {
            return refuse(Violation.LENGTH_AND_ENCODING);
        }
        if (head.chunked && head.http10) {
            return refuse(Violation.ENCODING_IN_HTTP_10);
        }
        boolean never = head.status < 200 || head.status == 204;
        if (never && (head.chunked || head.contentLength > 0)) {
            return refuse(Violation.BODY_NOT_ALLOWED);
        }
        for (int f = 0; never && f < head.count; f++) {
            dropIf(b, f, head, CONTENT_LENGTH);
        }
        return end;
    }

    static boolean isSingleProtocol(byte[] b, int s, int e) {
        if (s == e || Tokens.is(b, s, e, H2C)) {
            return false;
        }
        for (int i = s; i < e; i++) {
            if (!Tokens.isToken(b[i]) && b[i] != '/') {
                return false;
            }
        }
        return true;
    }

    private static int timeout(byte[] b, int s, int e) {
        for (int i = s; i + TIMEOUT.length < e; i++) {
            if (Tokens.startsWith(b, i, e, TIMEOUT)) {
                int seconds = 0;
                for (int k = i + TIMEOUT.length; k < e && isDigit(b[k]) && seconds < 100_000; k++) {
                    seconds = seconds * 10 + (b[k] - '0');
                }
                return seconds;
            }
        }
        return -1;
    }

    private static boolean isHttp(byte[] b, int at) {
        return b[at] == 'H' && b[at + 1] == 'T' && b[at + 2] == 'T' && b[at + 3] == 'P' && b[at + 4] == '/';
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }
}
