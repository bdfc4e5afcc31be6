package io.pm2j.proxy.admission;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.AccessSpec.ForwardAuth;
import io.pm2j.proxy.client.Client;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Another server is asked whether a request may come in.
///
/// It is asked with GET, the request's own fields, and who asked whom for what in `X-Forwarded-`
/// fields; never with the request's body, and never with a field of those that only its own
/// answer may set. 2xx lets the request in; any other answer is the client's.
final class ForwardGate {
    static final int MOST_BYTES = 1 << 20;

    /// Of one connection or of one body (RFC 9110 §7.6.1, §8.6, §10.1.1), and the conditions and
    /// ranges that are meant for the origin's content, not for this question.
    private static final Set<String> NOT_ASKED = Set.of(
            "host",
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "content-length",
            "content-type",
            "content-encoding",
            "expect",
            "accept-encoding",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
            "if-range",
            "range",
            "forwarded",
            "x-real-ip");

    /// Of the connection to that server, or written for each answer anyway.
    private static final Set<String> NOT_ANSWERED = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "content-length",
            "content-type",
            "date",
            "server",
            "proxy-authenticate",
            "proxy-authentication-info");

    private final HttpClient client;
    private final RequestOptions target;
    private final Set<String> copied;
    private final ForwardAuth spec;
    private final String idHeader;
    private final Set<String> unsaid;

    /// What that server said.
    sealed interface Outcome {
        /// @param lines go on with the request
        record Allowed(String lines) implements Outcome {}

        record Answered(int status, String lines, String contentType, byte[] body) implements Outcome {}

        /// @param status 502, or 504 when it took too long
        record Failed(int status) implements Outcome {}
    }

    /// @param idHeader the header of the request's id, which is told too; may be empty
    /// @param ownCors whether the edge sets the CORS fields of every answer
    ForwardGate(ForwardAuth spec, HttpClient client, String idHeader, boolean ownCors) {
        this.spec = spec;
        this.idHeader = idHeader;
        unsaid = ownCors ? Cors.FIELDS : Set.of();
        this.client = client;
        copied = spec.headers().stream().map(name -> name.replace('_', '-')).collect(Collectors.toUnmodifiableSet());
        target = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setURI(spec.path())
                .setSsl(spec.origin().tls())
                .setFollowRedirects(false)
                .setConnectTimeout(spec.timeout().toMillis());
        switch (spec.origin().address()) {
            case Address.Tcp tcp -> target.setHost(tcp.host()).setPort(tcp.port());
            case Address.Unix unix ->
                target.setHost("localhost").setPort(80).setServer(SocketAddress.domainSocketAddress(unix.path()));
        }
    }

    /// Names that the client's own lines must not have when they go on, in lower case and with
    /// `-` for `_`.
    Set<String> copied() {
        return copied;
    }

    /// What is to be asked, complete: nothing of `arrival` is looked at later.
    MultiMap question(Arrival arrival, String id) {
        MultiMap fields = MultiMap.caseInsensitiveMultiMap();
        arrival.eachField((name, value) -> {
            String plain = name.toLowerCase(Locale.ROOT).replace('_', '-');
            if (!NOT_ASKED.contains(plain) && !copied.contains(plain) && !plain.startsWith("x-forwarded-")) {
                fields.add(name, value);
            }
        });
        if (!idHeader.isEmpty()) {
            fields.set(idHeader, id);
        }
        Client from = arrival.client();
        fields.add("X-Forwarded-Method", arrival.method().toString());
        fields.add("X-Forwarded-Uri", arrival.target().toString());
        fields.add("X-Forwarded-Proto", from.scheme());
        String host = from.host().isEmpty() ? arrival.host().toString() : from.host();
        if (!host.isEmpty()) {
            fields.add("X-Forwarded-Host", host);
        }
        if (!from.ip().isEmpty()) {
            fields.add("X-Forwarded-For", from.ip());
        }
        if (from.port() > 0) {
            fields.add("X-Forwarded-Port", Integer.toString(from.port()));
        }
        return fields;
    }

    /// Never fails: whoever cannot be asked has not allowed anything.
    CompletionStage<Outcome> ask(MultiMap question) {
        var outcome = new CompletableFuture<Outcome>();
        var sent = new AtomicReference<@Nullable HttpClientRequest>();
        Future<HttpClientRequest> opened;
        try {
            opened = client.request(new RequestOptions(target).setHeaders(question));
        } catch (RuntimeException refused) {
            // A closed client throws; so may one that likes a value less than we do.
            opened = Future.failedFuture(refused);
        }
        opened.compose(request -> {
                    sent.set(request);
                    return request.send();
                })
                .compose(this::outcome)
                .timeout(spec.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(outcome::complete, failure -> {
                    HttpClientRequest request = sent.get();
                    if (request != null) {
                        request.reset();
                    }
                    outcome.complete(new Outcome.Failed(failure instanceof TimeoutException ? 504 : 502));
                });
        return outcome;
    }

    private Future<Outcome> outcome(HttpClientResponse response) {
        Promise<Outcome> outcome = Promise.promise();
        Buffer body = Buffer.buffer();
        boolean allowed = response.statusCode() / 100 == 2;
        response.exceptionHandler(outcome::tryFail);
        response.handler(bytes -> {
            if (body.length() + bytes.length() > MOST_BYTES) {
                outcome.tryFail("its answer has more than " + MOST_BYTES + " bytes");
            } else {
                body.appendBuffer(bytes);
            }
        });
        response.endHandler(end -> {
            String lines = allowed ? named(response) : others(response);
            if (!isSayable(response.headers()) || response.statusCode() < 200 || response.statusCode() > 599) {
                outcome.tryFail("its answer cannot be passed on");
            } else {
                String type = response.headers().get("content-type");
                outcome.tryComplete(
                        allowed
                                ? new Outcome.Allowed(lines)
                                : new Outcome.Answered(
                                        response.statusCode(), lines, type == null ? "" : type, body.getBytes()));
            }
        });
        return outcome.future();
    }

    private String named(HttpClientResponse response) {
        StringBuilder lines = new StringBuilder();
        for (String name : spec.headers()) {
            for (String value : response.headers().getAll(name)) {
                line(lines, name, value);
            }
        }
        return lines.toString();
    }

    private String others(HttpClientResponse response) {
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, String> field : response.headers()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (!NOT_ANSWERED.contains(name) && !unsaid.contains(name)) {
                line(lines, field.getKey(), field.getValue());
            }
        }
        return lines.toString();
    }

    private static void line(StringBuilder lines, String name, String value) {
        lines.append(name).append(": ").append(value).append("\r\n");
    }

    /// RFC 9110 §5.5, whatever the client library let through.
    private static boolean isSayable(MultiMap fields) {
        for (Map.Entry<String, String> field : fields) {
            if (!field.getValue().chars().allMatch(c -> c >= ' ' && c != 0x7f && c < 0x100 || c == '\t')) {
                return false;
            }
        }
        return true;
    }
}
