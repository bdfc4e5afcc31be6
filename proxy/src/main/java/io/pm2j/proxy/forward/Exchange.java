package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pm2j.proxy.admission.Ticket;
import io.pm2j.proxy.http.Method;
import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.Upstream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One request with its response; reused by its client connection from request to request.
final class Exchange {
    /// More body than this is never kept, and so never sent twice.
    private static final int MOST_KEPT = 64 * 1024;

    private static final int KEPT_HEAD = 2 * 1024;

    private byte[] head = new byte[0];
    private int headLength;
    private @Nullable ByteBuf body;
    private boolean whole;

    Method method = Method.OTHER;
    boolean http10;
    /// No HTTP at all: the bytes are passed on as they are.
    boolean opaque;
    boolean closeAfter;
    /// The client has said that it sends nothing after this request.
    boolean clientCloses;
    boolean requestDone;
    /// A response byte has been seen, so the request is never sent again.
    boolean answered;
    /// The final response head is on its way to the client.
    boolean committed;
    /// The protocol asked for, in lower case; null when no upgrade was asked for.
    byte @Nullable [] upgrade;

    /// What is done with it, and how long each step may take; the rest of this depends on these.
    Route route = Route.NONE;

    StepTimes times;
    /// What is added to the head of its response, and taken out.
    final ResponseEdits response = new ResponseEdits();

    /// Where it is sent, when it is sent anywhere.
    @Nullable
    Upstream upstream;

    /// It may be sent twice: its method, its client or its route says so.
    boolean repeatable;
    /// What a hash goes by.
    long key;
    /// The value of its session's cookie.
    @Nullable
    CharSequence pin;
    /// It is one for the endpoints on trial, where there are any.
    boolean onTrial;

    /// Its place among the requests at once, given back when it is over.
    Ticket ticket = Ticket.NONE;
    /// Tells it from those before and after it on its connection.
    long serial;

    int tries;

    @Nullable
    Endpoint failed;

    /// The last attempt ended because its time was over.
    boolean timedOut;

    long firstFailureMs;

    Exchange(StepTimes usual) {
        times = usual;
    }

    Upstream upstream() {
        Upstream known = upstream;
        if (known == null) {
            throw new IllegalStateException("not to be sent anywhere");
        }
        return known;
    }

    void begin(Method theMethod, boolean isHttp10, boolean close, byte @Nullable [] protocol) {
        method = theMethod;
        http10 = isHttp10;
        closeAfter = close;
        clientCloses = close;
        upgrade = protocol;
        opaque = false;
        requestDone = false;
        answered = false;
        committed = false;
        tries = 0;
        failed = null;
        timedOut = false;
        serial++;
        repeatable = theMethod.idempotent();
        key = 0;
        pin = null;
        onTrial = false;
        route = Route.NONE;
        upstream = null;
        response.none();
        firstFailureMs = 0;
        whole = true;
        headLength = 0;
        dropBody();
    }

    void keepHead(ByteBuf from) {
        headLength = from.readableBytes();
        if (head.length < headLength) {
            head = new byte[headLength];
        }
        from.getBytes(from.readerIndex(), head, 0, headLength);
    }

    /// Keeps body bytes for a first or another sending. `must` ignores the bound: the bytes have been
    /// read and not been sent yet.
    void keepBody(ByteBuf from, int index, int length, boolean must) {
        if (length == 0 || !whole) {
            return;
        }
        ByteBuf kept = body;
        int size = length + (kept == null ? 0 : kept.readableBytes());
        if (size > MOST_KEPT && !must) {
            forgetBody();
            return;
        }
        if (kept == null) {
            kept = Unpooled.directBuffer(length);
            body = kept;
        }
        kept.writeBytes(from, index, length);
    }

    /// From now on the request cannot be sent again.
    void forgetBody() {
        whole = false;
        dropBody();
    }

    private void dropBody() {
        if (body != null) {
            body.release();
            body = null;
        }
    }

    boolean keepsBody() {
        return whole;
    }

    int keptBytes() {
        return body == null ? 0 : body.readableBytes();
    }

    void writeHead(ByteBuf to) {
        to.writeBytes(head, 0, headLength);
    }

    @Nullable
    ByteBuf keptBody() {
        return body;
    }

    void end() {
        dropBody();
        failed = null;
        upgrade = null;
        if (head.length > KEPT_HEAD) {
            head = Arrays.copyOf(head, 0);
        }
    }
}
