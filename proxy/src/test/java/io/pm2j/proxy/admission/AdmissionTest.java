package io.pm2j.proxy.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.ClientKey;
import io.pm2j.config.spec.edge.CorsSpec;
import io.pm2j.config.spec.edge.LimitSpec.Rate;
import io.pm2j.config.spec.edge.PagesSpec;
import io.pm2j.config.spec.edge.PagesSpec.Maintenance;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.proxy.admission.Verdict.Answer;
import io.pm2j.proxy.admission.Verdict.Pass;
import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each decision, and their order.
class AdmissionTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final Means REAL = Means.start(VERTX);
    private final AtomicLong now = new AtomicLong(1_000_000_000_000L);
    private final Means means = new Means(REAL.passwords(), REAL.asking(), now::get, Clock.systemUTC());

    @AfterAll
    static void stop() {
        REAL.close();
        VERTX.close().await();
    }

    private static Answer answer(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Answer.class);
        return (Answer) verdict;
    }

    private static Pass pass(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Pass.class);
        return (Pass) verdict;
    }

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @Test
    void everybodyMayComeInWhereNothingIsSaid() throws Exception {
        Pass pass = pass(Admission.compile(PolicySpec.DEFAULT, means).decide(FakeArrival.from("")));

        assertThat(pass).isSameAs(Admission.OPEN.decide(FakeArrival.here()));
        assertThat(pass.requestLines() + pass.responseLines() + pass.user() + pass.requestId())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            192.0.2.1   |              |             | true
            192.0.2.1   | 10.0.0.0/8   |             | false
            10.1.1.1    | 10.0.0.0/8   |             | true
            10.1.1.1    | 10.0.0.0/8   | 10.1.1.1    | false
            192.0.2.1   |              | 10.0.0.0/8  | true
            2001:db8::1 | 10.0.0.0/8   |             | false
                        | 0.0.0.0/0    |             | false
                        |              | 0.0.0.0/0   | true
            """)
    void deniesFirstAndThenAllows(String ip, String allow, String deny, boolean in) throws Exception {
        Policies policy = Policies.policy();
        if (allow != null) {
            policy.allow(allow);
        }
        if (deny != null) {
            policy.deny(deny);
        }
        Verdict verdict = policy.compile(means).decide(FakeArrival.from(ip == null ? "" : ip));

        assertThat(verdict instanceof Pass).isEqualTo(in);
        if (!in) {
            assertThat(answer(verdict).status()).isEqualTo(403);
            assertThat(answer(verdict).cause()).isEqualTo(Cause.DENIED);
        }
    }

    @ParameterizedTest
    @CsvSource({"-1, true", "0, true", "10, true", "11, false"})
    void refusesABodyThatIsAnnouncedAsTooLarge(long length, boolean in) throws Exception {
        Admission admission = Policies.policy().body(10).compile(means);
        Verdict verdict = admission.decide(FakeArrival.here().length(length));

        assertThat(verdict instanceof Pass).isEqualTo(in);
        assertThat(admission.mostBodyBytes()).isEqualTo(10);
        if (!in) {
            assertThat(answer(verdict).status()).isEqualTo(413);
        }
    }

    @Test
    void countsRequestsAtOnceTogether() throws Exception {
        Admission admission = Policies.policy().connections(2).compile(means);
        Pass first = pass(admission.decide(FakeArrival.here()));
        pass(admission.decide(FakeArrival.here()));

        Answer third = answer(admission.decide(FakeArrival.from("192.0.2.2")));
        first.ticket().leave();
        first.ticket().leave();

        assertThat(third.status()).isEqualTo(503);
        assertThat(third.lines()).isEqualTo("Retry-After: 1\r\n");
        assertThat(third.cause().word()).isEqualTo("max_connections");
        assertThat(admission.inside()).isEqualTo(1);
        pass(admission.decide(FakeArrival.here()));
        answer(admission.decide(FakeArrival.here()));
    }

    @Test
    void countsRequestsAtOnceOfEachClient() throws Exception {
        Admission admission = Policies.policy().perClient(1).compile(means);
        Pass first = pass(admission.decide(FakeArrival.from("2001:db8::1")));

        Answer again = answer(admission.decide(FakeArrival.from("2001:db8::2")));
        pass(admission.decide(FakeArrival.from("2001:db8:0:1::1")));
        first.ticket().leave();

        assertThat(again.status()).isEqualTo(429);
        assertThat(again.cause()).isEqualTo(Cause.TOO_MANY_OF_CLIENT);
        assertThat(admission.inside()).isEqualTo(1);
        pass(admission.decide(FakeArrival.from("2001:db8::2")));
    }

    @Test
    void saysHowLongUntilTheNextToken() throws Exception {
        Rate rate = new Rate(6, Duration.ofMinutes(1), 2, new ClientKey.Ip());
        Admission admission = Policies.policy().rate(rate).connections(10).compile(means);
        admission.decide(FakeArrival.here());
        admission.decide(FakeArrival.here());

        Answer third = answer(admission.decide(FakeArrival.here()));
        int inside = admission.inside();
        now.addAndGet(Duration.ofSeconds(11).toNanos());

        assertThat(third.status()).isEqualTo(429);
        assertThat(third.lines())
                .isEqualTo(
                        "Retry-After: 10\r\nRateLimit-Policy: \"edge\";q=2;w=20\r\nRateLimit: \"edge\";r=0;t=10\r\n");
        assertThat(inside).as("whoever is refused has no place").isEqualTo(2);
        pass(admission.decide(FakeArrival.here()));
        answer(admission.decide(FakeArrival.here()));
    }

    @Test
    void tellsClientsApartByAHeaderAndElseByAddress() throws Exception {
        Rate rate = new Rate(1, Duration.ofHours(1), 1, new ClientKey.Header("X-Api-Key"));
        Admission admission = Policies.policy().rate(rate).compile(means);

        pass(admission.decide(FakeArrival.here().field("X-Api-Key", "one")));
        pass(admission.decide(FakeArrival.here().field("X-Api-Key", "two")));
        answer(admission.decide(FakeArrival.from("192.0.2.9").field("X-Api-Key", "one")));
        pass(admission.decide(FakeArrival.from("192.0.2.9")));
        answer(admission.decide(FakeArrival.from("192.0.2.9")));
    }

    @Test
    void isClosedForMaintenanceButForSome(@TempDir Path folder) throws Exception {
        Path page = Files.writeString(folder.resolve("soon.html"), "<p>soon</p>");
        Maintenance soon =
                new Maintenance(Optional.of(page), Policies.blocks("10.0.0.0/8"), Optional.of(Duration.ofMinutes(10)));
        Admission admission = Policies.policy()
                .deny("192.0.2.1")
                .pages(new PagesSpec(Map.of(), Optional.of(soon)))
                .compile(means);

        Answer answer = answer(admission.decide(FakeArrival.here()));

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.lines()).isEqualTo("Retry-After: 600\r\n");
        assertThat(answer.contentType()).startsWith("text/html");
        assertThat(text(answer)).isEqualTo("<p>soon</p>");
        assertThat(answer.cause()).isEqualTo(Cause.MAINTENANCE);
        pass(admission.decide(FakeArrival.from("10.0.0.1")));
    }

    @Test
    void answersWithTheRoutesPages(@TempDir Path folder) throws Exception {
        Path exact = Files.writeString(folder.resolve("403.json"), "{}");
        Path others = Files.writeString(folder.resolve("sorry.txt"), "sorry");
        Admission admission = Policies.policy()
                .deny("192.0.2.1")
                .body(1)
                .pages(new PagesSpec(Map.of(403, exact, 4, others), Optional.empty()))
                .compile(means);

        Answer denied = answer(admission.decide(FakeArrival.here()));
        Answer tooLarge = answer(admission.decide(FakeArrival.from("192.0.2.2").length(2)));

        assertThat(text(denied)).isEqualTo("{}");
        assertThat(denied.contentType()).startsWith("application/json");
        assertThat(text(tooLarge)).isEqualTo("sorry");
        assertThat(admission.pages().page(404)).isNotNull();
        assertThat(admission.pages().page(502)).isNull();
        assertThat(admission.pages().page(200)).isNull();
    }

    @Test
    void namesEveryPageThatCannotBeUsed(@TempDir Path folder) throws Exception {
        Path large = Files.write(folder.resolve("large.html"), new byte[Pages.MOST_BYTES + 1]);
        PagesSpec pages = new PagesSpec(
                Map.of(404, folder.resolve("none.html"), 4, folder, 5, large),
                Optional.of(new Maintenance(Optional.of(large), List.of(), Optional.empty())));

        assertThatThrownBy(() -> Policies.policy().pages(pages).compile(means))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("none.html: error_pages: does not exist")
                .hasMessageContaining(folder + ": error_pages: is a folder (expected: a file)")
                .hasMessageContaining("large.html: error_pages: is too large (expected: at most 1024 KiB)");
    }

    @Test
    void givesEachRequestAnId() throws Exception {
        Admission admission = Policies.policy().requestId("X-Trace").compile(means);
        Pass one = pass(admission.decide(FakeArrival.here().field("X-Trace", "mine")));
        Pass two = pass(admission.decide(FakeArrival.here()));
        Pass trusted = pass(admission.decide(FakeArrival.here().trusted().field("X-Trace", "theirs-1")));
        Pass odd = pass(admission.decide(FakeArrival.here().trusted().field("X-Trace", "a b")));

        assertThat(one.requestId()).hasSize(36).isNotEqualTo(two.requestId());
        assertThat(one.requestLines()).isEqualTo("X-Trace: " + one.requestId() + "\r\n");
        assertThat(trusted.requestId()).isEqualTo("theirs-1");
        assertThat(odd.requestId()).hasSize(36);
        assertThat(admission.droppedFromRequest()).containsExactly("x-trace");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\"b", "a,b", "a\u00e9", "a\tb", "<a>"})
    void anIdOfOtherCharactersIsNotTakenOver(String id) {
        assertThat(RequestIds.isWellFormed(id)).isFalse();
        assertThat(RequestIds.isWellFormed("a".repeat(129))).isFalse();
        assertThat(RequestIds.isWellFormed("a".repeat(128))).isTrue();
    }

    @Test
    void idsSortByTime() {
        assertThat(RequestIds.fresh(1_000)).isLessThan(RequestIds.fresh(1_001)).matches("[0-9a-f]{8}-[0-9a-f]{4}-7.*");
    }

    @Test
    void answersCarryTheFieldsThatLetAPageReadThem() throws Exception {
        CorsSpec cors =
                new CorsSpec(List.of("https://a.example"), List.of("GET"), List.of(), List.of(), true, Duration.ZERO);
        Admission admission = Policies.policy().cors(cors).deny("192.0.2.1").compile(means);

        Answer answer = answer(admission.decide(FakeArrival.here().field("Origin", "https://a.example")));

        assertThat(answer.lines()).contains("Access-Control-Allow-Origin: https://a.example\r\n", "Vary: Origin\r\n");
        assertThat(admission.droppedFromResponse()).contains("access-control-allow-origin");
    }

    @Test
    void noLimitIsEverPassedAndAllPlacesComeBack() throws Exception {
        int most = 3;
        Admission admission = Policies.policy().perClient(most).connections(7).compile(means);
        AtomicInteger[] inside = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
        var passed = new AtomicInteger();
        Callable<Boolean> loop = () -> {
            boolean kept = true;
            for (int i = 0; i < 20_000; i++) {
                int who = i % inside.length;
                if (admission.decide(FakeArrival.from("192.0.2." + who)) instanceof Pass pass) {
                    kept &= inside[who].incrementAndGet() <= most;
                    Thread.yield();
                    inside[who].decrementAndGet();
                    passed.incrementAndGet();
                    pass.ticket().leave();
                }
            }
            return kept;
        };
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                results.add(threads.submit(loop));
            }
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
        }

        assertThat(passed.get()).isPositive();
        assertThat(admission.inside()).isZero();
        for (int i = 0; i < most; i++) {
            pass(admission.decide(FakeArrival.from("192.0.2.0")));
        }
        answer(admission.decide(FakeArrival.from("192.0.2.0")));
    }

    @Test
    void whoPassesAllocatesNothing() throws Exception {
        Rate rate = new Rate(1_000_000, Duration.ofSeconds(1), 1_000_000_000, new ClientKey.Ip());
        Admission full = Policies.policy()
                .allow("192.0.2.0/24", "10.0.0.0/8")
                .deny("192.0.2.128/25")
                .body(100)
                .rate(rate)
                .cors(CorsSpec.ANY)
                .compile(means);
        Arrival arrival = FakeArrival.here().length(10);

        assertThat(allocatedBy(Admission.OPEN, arrival)).as("without policies").isZero();
        // The fake's own look-ups iterate over a map: an iterator for each header asked for.
        Arrival cheap = new HeaderlessArrival(arrival);
        assertThat(allocatedBy(full, cheap)).as("with policies").isZero();
    }

    /// Bytes a thousand decisions; the least of some rounds, since whoever compiles or profiles may add its own.
    private static long allocatedBy(Admission admission, Arrival arrival) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 30; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1_000; i++) {
                if (!(admission.decide(arrival) instanceof Pass)) {
                    throw new IllegalStateException("not passed");
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
