package io.pm2j.proxy.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.AccessSpec.BasicAuth;
import io.pm2j.config.spec.edge.AccessSpec.ForwardAuth;
import io.pm2j.config.spec.edge.AccessSpec.Password;
import io.pm2j.config.spec.edge.CorsSpec;
import io.pm2j.config.spec.edge.OriginSpec;
import io.pm2j.proxy.admission.Verdict.Answer;
import io.pm2j.proxy.admission.Verdict.Ask;
import io.pm2j.proxy.admission.Verdict.Pass;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Another server is asked, a real one.
class ForwardGateIT {
    private record Asked(String method, String uri, Map<String, String> fields) {}

    private final Vertx vertx = Vertx.vertx();
    private final Means means = Means.start(vertx);
    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        means.close();
        vertx.close().await();
    }

    private Admission admission(Handler<HttpServerRequest> answer, Duration timeout) throws Exception {
        return policy(answer, timeout).compile(means);
    }

    private Policies policy(Handler<HttpServerRequest> answer, Duration timeout) {
        HttpServer server = vertx.createHttpServer()
                .requestHandler(request -> {
                    Map<String, String> fields = new java.util.TreeMap<>();
                    request.headers()
                            .forEach((name, value) -> fields.put(name.toLowerCase(java.util.Locale.ROOT), value));
                    asked.add(new Asked(request.method().name(), request.uri(), fields));
                    answer.handle(request);
                })
                .listen(0, "127.0.0.1")
                .await();
        ForwardAuth auth = ForwardAuth.parse("http://127.0.0.1:" + server.actualPort() + "/check?x=1");
        return Policies.policy().connections(5).forward(auth.with(List.of("X-User", "X-Groups"), timeout));
    }

    private static Verdict settled(Verdict verdict) throws Exception {
        assertThat(verdict).isInstanceOf(Ask.class);
        return ((Ask) verdict).later().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private static Answer answer(Verdict verdict) throws Exception {
        return (Answer) settled(verdict);
    }

    @Test
    void letsInOn2xxWithTheNamedFieldsOfTheAnswer() throws Exception {
        Admission admission = admission(
                request -> request.response()
                        .setStatusCode(204)
                        .putHeader("X-User", "ann")
                        .putHeader("X-Other", "not named")
                        .putHeader("X-Groups", (Iterable<String>) List.of("a", "b"))
                        .end(),
                Duration.ofSeconds(30));

        Pass pass = (Pass) settled(admission.decide(FakeArrival.here()));

        assertThat(pass.requestLines()).isEqualTo("x-user: ann\r\nx-groups: a\r\nx-groups: b\r\n");
        assertThat(admission.droppedFromRequest()).containsExactlyInAnyOrder("x-user", "x-groups");
        assertThat(admission.inside()).isEqualTo(1);
        pass.ticket().leave();
        assertThat(admission.inside()).isZero();
    }

    @Test
    void asksWithTheRequestsFieldsButForThoseOfItsConnectionAndThoseNamed() throws Exception {
        Admission admission = admission(request -> request.response().end("welcome"), Duration.ofSeconds(30));

        settled(admission.decide(FakeArrival.from("2001:db8::7")
                .method("POST")
                .length(7)
                .field("Host", "app.example")
                .field("Cookie", "session=1")
                .field("Authorization", "Bearer x")
                .field("Content-Length", "7")
                .field("Transfer-Encoding", "chunked")
                .field("Connection", "keep-alive")
                .field("If-None-Match", "\"x\"")
                .field("X-User", "root")
                .field("X_Groups", "admins")
                .field("X-Forwarded-For", "6.6.6.6")
                .field("X_Forwarded_Uri", "/public")
                .field("Forwarded", "for=6.6.6.6")));

        Asked question = asked.take();
        assertThat(question.method()).isEqualTo("GET");
        assertThat(question.uri()).isEqualTo("/check?x=1");
        assertThat(question.fields())
                .containsEntry("cookie", "session=1")
                .containsEntry("authorization", "Bearer x")
                .containsEntry("x-forwarded-method", "POST")
                .containsEntry("x-forwarded-uri", "/a?b=c")
                .containsEntry("x-forwarded-host", "app.example")
                .containsEntry("x-forwarded-proto", "http")
                .containsEntry("x-forwarded-for", "2001:db8::7")
                .containsEntry("x-forwarded-port", "8080")
                .doesNotContainKeys(
                        "x-user",
                        "x_groups",
                        "x_forwarded_uri",
                        "forwarded",
                        "content-length",
                        "transfer-encoding",
                        "if-none-match");
        assertThat(question.fields().get("host")).startsWith("127.0.0.1:");
    }

    @Test
    void givesTheClientAnyOtherAnswer() throws Exception {
        Admission admission = admission(
                request -> request.response()
                        .setStatusCode(302)
                        .putHeader("Location", "https://login.example/?back=1")
                        .putHeader("Set-Cookie", (Iterable<String>) List.of("a=1", "b=2"))
                        .putHeader("WWW-Authenticate", "Bearer")
                        .putHeader("Content-Type", "text/html")
                        .putHeader("Keep-Alive", "timeout=5")
                        .end("<p>log in</p>"),
                Duration.ofSeconds(30));

        Answer answer = answer(admission.decide(FakeArrival.here()));

        assertThat(answer.status()).isEqualTo(302);
        assertThat(answer.lines().lines())
                .containsExactlyInAnyOrder(
                        "Location: https://login.example/?back=1",
                        "Set-Cookie: a=1",
                        "Set-Cookie: b=2",
                        "WWW-Authenticate: Bearer");
        assertThat(answer.contentType()).isEqualTo("text/html");
        assertThat(answer.body()).asString().isEqualTo("<p>log in</p>");
        assertThat(answer.cause()).isEqualTo(Cause.REFUSED);
        assertThat(admission.inside()).isZero();
    }

    @Test
    void nobodyComesInWhenItCannotBeAsked() throws Exception {
        Policies closes = policy(request -> request.connection().close(), Duration.ofSeconds(30));
        Policies silent = policy(request -> {}, Duration.ofMillis(200));
        Policies endless =
                policy(request -> request.response().setChunked(true).write("begun"), Duration.ofMillis(200));
        Policies large = policy(
                request -> request.response().setStatusCode(403).end("x".repeat(ForwardGate.MOST_BYTES + 1)),
                Duration.ofSeconds(30));
        // Reserved, and nobody listens on it.
        Policies nowhere = Policies.policy().forward(ForwardAuth.parse("http://127.0.0.1:1/"));

        assertThat(answer(closes.compile(means).decide(FakeArrival.here())).status())
                .isEqualTo(502);
        assertThat(answer(silent.compile(means).decide(FakeArrival.here())).status())
                .isEqualTo(504);
        assertThat(answer(endless.compile(means).decide(FakeArrival.here())).status())
                .isEqualTo(504);
        assertThat(answer(large.compile(means).decide(FakeArrival.here())).status())
                .isEqualTo(502);
        Answer none = answer(nowhere.compile(means).decide(FakeArrival.here()));
        assertThat(none.status()).isEqualTo(502);
        assertThat(none.cause()).isEqualTo(Cause.ASKED_IN_VAIN);
    }

    @Test
    void fieldsOfOddOctetsAreAskedWithAsWell() throws Exception {
        Admission admission = policy(request -> request.response().end(), Duration.ofSeconds(30))
                .requestId("X-Request-Id")
                .compile(means);

        Pass pass = (Pass) settled(admission.decide(FakeArrival.here()
                .field("X-Odd", "caf\u00e9\u0080\u00ff\t!")
                .field("!#$%&'*+-.^_`|~1", "")
                .field("X-Request-Id", "mine")));

        Asked question = asked.take();
        assertThat(question.fields())
                .containsEntry("x-odd", "caf\u00e9\u0080\u00ff\t!")
                .containsEntry("!#$%&'*+-.^_`|~1", "")
                .containsEntry("x-request-id", pass.requestId());
    }

    @Test
    void theEdgesCorsFieldsAreTheOnlyOnes() throws Exception {
        Admission admission = policy(
                        request -> request.response()
                                .setStatusCode(401)
                                .putHeader("Access-Control-Allow-Origin", "https://other.example")
                                .end(),
                        Duration.ofSeconds(30))
                .cors(CorsSpec.ANY)
                .compile(means);

        assertThat(answer(admission.decide(FakeArrival.here())).lines())
                .isEqualTo("Access-Control-Allow-Origin: *\r\n");
    }

    @Test
    void asksOverAUnixSocket(@TempDir Path folder) throws Exception {
        Vertx unixVertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        String path = folder.resolve("auth.sock").toString();
        try (Means unixMeans = Means.start(unixVertx)) {
            unixVertx
                    .createHttpServer()
                    .requestHandler(request -> request.response()
                            .putHeader("X-User", request.uri())
                            .end())
                    .listen(SocketAddress.domainSocketAddress(path))
                    .await();
            ForwardAuth auth = new ForwardAuth(
                    OriginSpec.parse("unix:" + path), "/who", List.of("x-user"), Duration.ofSeconds(30));

            Verdict verdict = Policies.policy().forward(auth).compile(unixMeans).decide(FakeArrival.here());

            assertThat(((Pass) settled(verdict)).requestLines()).isEqualTo("x-user: /who\r\n");
        } finally {
            unixVertx.close().await();
        }
    }

    @Test
    void nobodyComesInOnceTheClientIsClosed() throws Exception {
        Admission admission = admission(request -> request.response().end(), Duration.ofSeconds(30));
        means.close();

        assertThat(answer(admission.decide(FakeArrival.here())).status()).isEqualTo(502);
        assertThat(admission.inside()).isZero();
    }

    @Test
    void asksNobodyBeforeThePasswordIsRight() throws Exception {
        String hash = "$2b$04$"
                + at.favre.lib.crypto.bcrypt.BCrypt.withDefaults()
                        .hashToString(4, "right".toCharArray())
                        .substring(7);
        BasicAuth basic = new BasicAuth("staff", Map.of("ann", Password.parse(hash)), Optional.empty());
        Admission admission = policy(
                        request ->
                                request.response().putHeader("X-User", "ann@x").end(),
                        Duration.ofSeconds(30))
                .basic(basic)
                .requestId("X-Request-Id")
                .compile(means);

        Answer none = (Answer) admission.decide(FakeArrival.here());
        Answer wrong = answer(admission.decide(FakeArrival.here().field("Authorization", basic("ann:wrong"))));
        boolean quiet = asked.isEmpty();
        Pass pass = (Pass) settled(admission.decide(FakeArrival.here().field("Authorization", basic("ann:right"))));

        assertThat(none.status()).isEqualTo(401);
        assertThat(none.lines()).isEqualTo("WWW-Authenticate: Basic realm=\"staff\", charset=\"UTF-8\"\r\n");
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(quiet).isTrue();
        assertThat(pass.user()).isEqualTo("ann");
        assertThat(pass.requestLines()).isEqualTo("x-user: ann@x\r\nX-Request-Id: " + pass.requestId() + "\r\n");
        assertThat(admission.inside()).isEqualTo(1);
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
