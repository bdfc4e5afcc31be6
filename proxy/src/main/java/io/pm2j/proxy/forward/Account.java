package io.pm2j.proxy.forward;

import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.accesslog.AccessRecord;
import io.pm2j.proxy.accesslog.RequestTexts;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.upstream.Endpoint;
import org.jspecify.annotations.Nullable;

/// What is told of one exchange when it is over: to the latencies always, to an access log where there is one.
///
/// Of one client connection, reused from exchange to exchange, and used on its loop alone.
final class Account {
    private static final byte[] NOTHING = {};

    private final Loop loop;
    private @Nullable AccessRecord record;
    private Route route = Route.NONE;
    private boolean open;
    private long startNanos;
    private long headNanos;
    private long connectNanos;
    private int status;
    private byte[] cause = NOTHING;
    private byte[] ip = NOTHING;
    private boolean http2;
    /// Body bytes as on the wire.
    long bytesIn;

    long bytesOut;

    Account(Loop loop) {
        this.loop = loop;
    }

    /// Who the peer is, and whether it speaks HTTP/2.
    void client(String address, boolean speaksHttp2) {
        ip = Tokens.ascii(address);
        http2 = speaksHttp2;
    }

    /// A request has come; its head is at hand.
    void begin(Route to, @Nullable AccessLog log, @Nullable RequestReading asked) {
        end(0);
        open = true;
        route = to;
        startNanos = System.nanoTime();
        headNanos = -1;
        connectNanos = 0;
        status = 0;
        cause = NOTHING;
        bytesIn = 0;
        bytesOut = 0;
        if (log != null) {
            AccessRecord fresh = log.on(loop.index).begin();
            record = fresh;
            fresh.text(Field.ROUTE, to.nameBytes()).text(Field.APP, to.appBytes());
            if (asked == null) {
                fresh.text(Field.CLIENT_IP, ip);
            } else {
                fresh.text(Field.CLIENT_IP, asked.client().ip());
                RequestTexts.fill(fresh, asked.bytes(), asked.head(), http2);
            }
        }
    }

    /// When the exchange began, or the last one.
    long startNanos() {
        return startNanos;
    }

    /// A new connection to an endpoint is being opened.
    void connecting() {
        connectNanos = -System.nanoTime();
    }

    void connected() {
        if (connectNanos < 0) {
            connectNanos += System.nanoTime();
        }
    }

    /// The head of the final response has come from `endpoint`.
    void head(int code, Endpoint endpoint, long nowNanos) {
        status = code;
        headNanos = nowNanos - startNanos;
        AccessRecord told = record;
        if (told != null && told.wants(Field.ENDPOINT)) {
            told.text(Field.ENDPOINT, String.valueOf(endpoint.spec().id()));
        }
    }

    /// Who was let in, and as which request.
    void admitted(String user, String requestId) {
        AccessRecord told = record;
        if (told != null) {
            told.text(Field.USER, user).text(Field.REQUEST_ID, requestId);
        }
    }

    /// The edge itself answers.
    void said(int code) {
        status = code;
    }

    /// Why it did not go as it should; the first reason counts.
    void cause(byte[] word) {
        if (cause.length == 0) {
            cause = word;
        }
    }

    /// It is over, after `tries` more than one.
    void end(int tries) {
        if (!open) {
            return;
        }
        open = false;
        AccessRecord told = record;
        record = null;
        if (told != null) {
            if (cause.length > 0) {
                told.text(Field.CAUSE, cause);
            }
            told.status(status).bytesIn(bytesIn).bytesOut(bytesOut).retries(tries);
            if (headNanos >= 0) {
                told.headNanos(headNanos).connectNanos(Math.max(0, connectNanos));
            }
            long _ = told.end();
        }
        loop.latencies().measured(route.meter(), status, System.nanoTime() - startNanos, headNanos);
    }
}
