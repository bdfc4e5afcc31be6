package io.pm2j.proxy.http;

import java.nio.charset.StandardCharsets;

/// A scanned request head: positions in the array it was scanned from.
public final class RequestHead extends Fields {
    Method method = Method.OTHER;
    int methodEnd;
    int targetStart;
    int targetEnd;
    /// Authority of an absolute-form target; empty for any other form.
    int authorityStart;

    int authorityEnd;
    int host;
    boolean expectsContinue;

    @Override
    void reset() {
        super.reset();
        method = Method.OTHER;
        authorityStart = 0;
        authorityEnd = 0;
        host = -1;
        expectsContinue = false;
    }

    public Method method() {
        return method;
    }

    public int methodEnd() {
        return methodEnd;
    }

    /// First byte of what is asked of the origin: the path, also of an absolute-form target.
    public int targetStart() {
        return targetStart;
    }

    public int targetEnd() {
        return targetEnd;
    }

    public boolean absoluteForm() {
        return authorityEnd > 0;
    }

    public int authorityStart() {
        return authorityStart;
    }

    public int authorityEnd() {
        return authorityEnd;
    }

    /// The line of the host field, or -1.
    public int hostField() {
        return host;
    }

    /// Whether the client waits for a 100 before it sends its body.
    public boolean expectsContinue() {
        return expectsContinue;
    }

    public boolean hasBody() {
        return chunked || contentLength > 0;
    }

    public String target(byte[] bytes) {
        String path = new String(bytes, targetStart, targetEnd - targetStart, StandardCharsets.ISO_8859_1);
        return absoluteForm() && !path.startsWith("/") ? "/" + path : path;
    }

    /// Whether the connection may become a tunnel: GET, HTTP/1.1, no body, one protocol, never h2c
    /// (RFC 9110 §7.8).
    public boolean mayUpgrade(byte[] bytes) {
        return !http10
                && method == Method.GET
                && !hasBody()
                && connectionUpgrade
                && upgrades == 1
                && HeadScanner.isSingleProtocol(bytes, valueStart[upgrade], valueEnd[upgrade]);
    }
}
