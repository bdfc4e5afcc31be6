package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pm2j.proxy.files.SiteBody;
import io.pm2j.proxy.files.SiteRequest;
import io.pm2j.proxy.files.SiteResponse;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.http.Method;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Answers the requests of one client connection from a static site.
final class SiteAnswer {
    /// A request body is of no use here; beyond this it is not read to its end.
    private static final long MOST_DISCARDED = 1024 * 1024;

    private final ClientConnection client;
    private @Nullable StaticSite site;
    private SiteRequest request = new SiteRequest("GET", "/", Map.of());
    private long discarded;

    SiteAnswer(ClientConnection client) {
        this.client = client;
    }

    /// Takes what is needed of the request at hand; `target` is asked for in the place of what came, unless null.
    void prepare(StaticSite from, RequestReading asked, byte @Nullable [] target) {
        site = from;
        byte[] b = asked.bytes();
        RequestHead head = asked.head();
        Map<String, String> headers = new HashMap<>();
        for (int f = 0; f < head.count(); f++) {
            headers.merge(
                    head.name(b, f).toLowerCase(Locale.ROOT), head.value(b, f), (one, other) -> one + ", " + other);
        }
        String method = new String(b, 0, head.methodEnd(), StandardCharsets.ISO_8859_1);
        request = new SiteRequest(
                method, target == null ? head.target(b) : new String(target, StandardCharsets.ISO_8859_1), headers);
        discarded = 0;
    }

    void discarded(int bytes) {
        discarded += bytes;
        if (discarded > MOST_DISCARDED && !client.exchange().requestDone) {
            client.refuse(io.pm2j.proxy.http.Violation.BODY_TOO_LARGE);
        }
    }

    /// Answers at once when the site can, else from a virtual thread that may touch the disk.
    void start() {
        StaticSite from = site;
        if (from == null) {
            throw new IllegalStateException("nothing was asked");
        }
        SiteRequest asked = request;
        SiteResponse known = from.peek(asked);
        if (known != null) {
            write(known);
            return;
        }
        long serial = client.exchange().serial;
        Thread.ofVirtual().name("site").start(() -> {
            SiteResponse response = respond(from, asked);
            client.loop.events.execute(() -> {
                if (client.awaits(serial)) {
                    write(response);
                } else {
                    close(response.body());
                }
            });
        });
    }

    private static SiteResponse respond(StaticSite from, SiteRequest asked) {
        try {
            return from.respond(asked);
        } catch (RuntimeException e) {
            Loop.LOG.warn("the site failed on a request", e);
            return new SiteResponse(500, java.util.List.of(Map.entry("Content-Length", "0")), new SiteBody.None());
        }
    }

    private void write(SiteResponse response) {
        boolean close = client.closesAfterThis();
        ResponseEdits edits = client.exchange().response;
        StringBuilder head = new StringBuilder(256)
                .append("HTTP/1.1 ")
                .append(response.status())
                .append(' ')
                .append(Answer.reason(response.status()))
                .append("\r\nDate: ")
                .append(Answer.date())
                .append("\r\n");
        for (Map.Entry<String, String> field : response.headers()) {
            if (!edits.drops(field.getKey())) {
                head.append(field.getKey())
                        .append(": ")
                        .append(field.getValue())
                        .append("\r\n");
            }
        }
        head.append(new String(edits.lines(), StandardCharsets.ISO_8859_1));
        head.append(close ? "Connection: close\r\n\r\n" : "\r\n");
        client.loop.tally.one(Count.ofStatus(response.status()));
        client.account().said(response.status());
        client.exchange().committed = true;
        ByteBuf out = client.loop.out.clear();
        out.writeBytes(Tokens.ascii(head.toString()));
        boolean withBody = client.exchange().method != Method.HEAD;
        SiteBody body = response.body();
        if (withBody && body instanceof SiteBody.Bytes small && small.bytes().length <= out.writableBytes()) {
            client.pass(out.writeBytes(small.bytes()), 0, out.readableBytes());
            client.account().bytesOut = small.bytes().length;
        } else {
            client.pass(out, 0, out.readableBytes());
            client.account().bytesOut = 0;
            if (withBody) {
                queue(body);
            } else {
                close(body);
            }
        }
        // The next request is read when this answer is on its way: nothing piles up for a slow reader.
        client.afterFlush(ch -> {
            if (ch.isActive()) {
                client.responseDone();
            }
        });
    }

    private void queue(SiteBody body) {
        switch (body) {
            case SiteBody.None() -> {}
            case SiteBody.Bytes(byte[] bytes) -> {
                count(bytes.length);
                client.queue(Unpooled.wrappedBuffer(bytes));
            }
            case SiteBody.FileSlice slice -> {
                count(slice.length());
                if (slice.length() > 0) {
                    client.queue(slice.channel(), slice.offset(), slice.length());
                } else {
                    close(slice);
                }
            }
            case SiteBody.Parts(java.util.List<SiteBody> parts) -> parts.forEach(this::queue);
        }
    }

    private void count(long bytes) {
        client.loop.tally.add(Count.BYTES_TO_CLIENTS, bytes);
        client.account().bytesOut += bytes;
    }

    private static void close(SiteBody body) {
        switch (body) {
            case SiteBody.None() -> {}
            case SiteBody.Bytes ignored -> {}
            case SiteBody.FileSlice slice -> {
                try {
                    slice.channel().close();
                } catch (IOException e) {
                    Loop.LOG.debug("a file did not close", e);
                }
            }
            case SiteBody.Parts(java.util.List<SiteBody> parts) -> parts.forEach(SiteAnswer::close);
        }
    }
}
