package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A new version beside the old one, with real Node workers behind the real edge.
class CanaryIT {
    /// Says which version it is; `/end` ends the process, `/slow` takes a while.
    private static final String APP = """
            const version = '%s';
            require('http').createServer((q, s) => {
              if (q.url === '/end') { process.exit(7); }
              setTimeout(() => s.end(version), q.url === '/slow' ? 300 : 0);
            }).listen(process.env.PORT);
            """;

    @RegisterExtension
    final Product product = new Product();

    private int port;

    private void startOld() throws Exception {
        port = product.freePort();
        product.write("api.js", APP.formatted("old"));
        product.with("PORT", port).run("start", "api.js", "-i", "2").succeeds();
        product.answers(port);
        product.write("api.js", APP.formatted("new"));
    }

    private Ran canary(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("reload", "api"));
        arguments.addAll(List.of(more));
        return product.run(arguments.toArray(String[]::new));
    }

    private int newOnes(int requests, String... headers) throws Exception {
        int count = 0;
        for (int i = 0; i < requests; i++) {
            count += product.get(port, "/", headers).body().equals("new") ? 1 : 0;
        }
        return count;
    }

    /// Of 1 000 draws at a tenth the deviation is below 10: seven of those never happen by chance.
    @Test
    void theCanaryGetsItsShareAndPromoteLosesNothing() throws Exception {
        startOld();
        List<Long> before = product.pids("api");
        try (SmallLoad load = SmallLoad.on(port)) {
            canary("--canary", "10%").succeeds();
            assertThat(newOnes(1_000)).isBetween(30, 170);
            assertThat(product.pids("api")).hasSize(3).containsAll(before);
            assertThat(product.run("ls").succeeds().all()).contains("canary of api: generation 2 gets 10%");
            assertThat(product.run("describe", "api").succeeds().out()).contains("generation 2 gets 10%, of this one");
            assertThat(product.jlist()
                            .get(0)
                            .path("pm2_env")
                            .path("pm2j")
                            .path("canary")
                            .path("share")
                            .asText())
                    .isEqualTo("10%");

            for (String[] refused : List.of(
                    new String[] {"reload", "api"},
                    new String[] {"restart", "api"},
                    new String[] {"scale", "api", "3"},
                    new String[] {"reload", "api", "--canary", "20%"})) {
                assertThat(product.run(refused).fails().all())
                        .contains("App [api] has an open canary (generation 2, 10%; expected: pm2j promote api");
            }

            product.run("promote", "api", "90%").succeeds();
            assertThat(newOnes(200)).isBetween(120, 200);
            product.run("promote", "api").succeeds();

            assertThat(newOnes(50)).isEqualTo(50);
            assertThat(product.pids("api")).hasSize(2).doesNotContainAnyElementsOf(before);
            assertThat(product.numbers("api", "generation")).containsOnly(2);
            assertThat(load.failures()).isEmpty();
            assertThat(load.sent()).isPositive();
        }
    }

    @Test
    void onlyWhoHasTheCookieSeesItAndAbortLosesNothing() throws Exception {
        startOld();
        List<Long> before = product.pids("api");
        try (SmallLoad load = SmallLoad.on(port)) {
            canary("--canary", "10%", "--cookie", "beta=1").succeeds();
            assertThat(newOnes(100, "Cookie", "a=b; beta=1")).isEqualTo(100);
            assertThat(newOnes(100)).isZero();
            assertThat(newOnes(50, "Cookie", "beta=2")).isZero();

            assertThat(product.run("abort", "api").succeeds().all()).contains("the old workers have all requests");

            assertThat(newOnes(50, "Cookie", "beta=1")).isZero();
            assertThat(product.pids("api")).isEqualTo(before);
            assertThat(load.failures()).isEmpty();
        }
        assertThat(product.run("abort", "api").fails().all()).contains("has no open canary");
        assertThat(product.run("promote", "api").fails().all()).contains("has no open canary");
    }

    @Test
    void aCanaryThatCrashesIsAbortedByItself() throws Exception {
        startOld();
        List<Long> before = product.pids("api");
        canary("--canary", "cookie:beta=1").succeeds();

        try {
            // no GET: that would be tried once more, by an old worker, and end that too
            product.send("POST", port, "/end", "Cookie", "beta=1");
        } catch (IOException e) {
            // as good as 502
        }

        Product.eventually("the canary is gone", () -> product.pids("api"), before::equals);
        String described = Product.eventually(
                "it is told",
                () -> product.run("describe", "api").succeeds().out(),
                out -> out.contains("canary aborted"));
        assertThat(described).contains("generation 2: a worker of it ended: exit code 7");
        assertThat(product.home().resolve("pm2.log")).content().contains("the canary of App [api] is aborted");
        assertThat(newOnes(20, "Cookie", "beta=1")).isZero();
    }

    @Test
    void aVersionThatDoesNotStartIsNoCanary() throws Exception {
        startOld();
        List<Long> before = product.pids("api");
        product.write("api.js", "console.error('no database'); process.exit(3)");

        assertThat(canary("--canary", "10%").fails().all())
                .contains("App [api] has no canary, the old workers have all requests: it ended before it was ready:"
                        + " exit code 3")
                .contains("| no database");

        assertThat(product.pids("api")).isEqualTo(before);
        assertThat(product.run("abort", "api").fails().all()).contains("has no open canary");
    }

    @Test
    void badRequestsAreRefusedWithASentence() throws Exception {
        product.app("hello");
        product.with("PORT", product.freePort())
                .run("start", "hello/app.js", "--name", "forked")
                .succeeds();

        for (String share : List.of("0%", "101%", "ten", "cookie:", "cookie:a b=c", "-1")) {
            assertThat(product.run("reload", "forked", "--canary=" + share)
                            .fails()
                            .all())
                    .contains("--canary " + share + " (expected: 1% to 100%, or cookie:NAME=VALUE)");
        }
        assertThat(product.run("reload", "forked", "--canary", "10%", "--cookie", "x")
                        .fails()
                        .all())
                .contains("--cookie x (expected: NAME=VALUE)");
        assertThat(product.run("promote", "forked", "0").fails().all()).contains("promote to 0 (expected: 1% to 100%)");
        assertThat(product.run("promote", "nobody").fails().all()).contains("Application nobody not found");
        assertThat(product.run("reload", "forked", "--canary", "10%").fails().all())
                .contains("App [forked] can have no canary: it listens by itself");
    }

    /// Its workers would be ready nowhere: the edge listens where the old ones are reached.
    @Test
    void aVersionAtAnotherPortIsNoCanary() throws Exception {
        product.app("python");
        port = product.freePort();
        int other = product.freePort();
        python(port);
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(port);
        List<Long> before = product.pids("api");

        python(other);
        assertThat(product.run("reload", "ecosystem.config.js", "--canary", "50%")
                        .fails()
                        .all())
                .contains("App [api] can have no canary: the new version is reached at port " + other
                        + " instead of port " + port);

        assertThat(product.pids("api")).isEqualTo(before);
        assertThat(product.status(port, "/")).isEqualTo(200);
        assertThat(Product.listens(other)).isFalse();
    }

    @Test
    void aCanaryThatIsNoNodeProgramTakesOverAtTheSamePort() throws Exception {
        product.app("python");
        port = product.freePort();
        python(port);
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(port);
        List<Long> before = product.pids("api");

        try (SmallLoad load = SmallLoad.on(port)) {
            product.run("reload", "ecosystem.config.js", "--canary", "50%").succeeds();
            product.run("promote", "api").succeeds();
            product.bothAnswer(port);
            assertThat(load.failures()).isEmpty();
            assertThat(load.sent()).isPositive();
        }
        assertThat(product.pids("api")).hasSize(2).doesNotContainAnyElementsOf(before);
    }

    private void python(int at) throws IOException {
        product.ecosystem("name: 'api', script: 'python/app.py', instances: 2, port: " + at);
    }

    @Test
    void stopAndDeleteEndTheCanaryToo() throws Exception {
        startOld();
        canary("--canary", "50%").succeeds();
        product.run("stop", "api").succeeds();
        assertThat(product.pids("api")).isEmpty();
        assertThat(product.processes("api")).hasSize(2);

        product.run("start", "api").succeeds();
        canary("--canary", "50%").succeeds();
        product.run("delete", "api").succeeds();
        assertThat(product.jlist()).isEmpty();
    }

    @Test
    void aKilledDaemonsCanaryIsAborted() throws Exception {
        startOld();
        canary("--canary", "10%").succeeds();
        Outage.begin(product);

        product.run("ping").succeeds();

        LongPredicate alive =
                pid -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
        Product.eventually(
                "two workers serve",
                () -> product.pids("api"),
                pids -> pids.size() == 2 && pids.stream().allMatch(alive::test));
        product.answers(port);
        assertThat(product.run("promote", "api").fails().all()).contains("has no open canary");
    }
}
