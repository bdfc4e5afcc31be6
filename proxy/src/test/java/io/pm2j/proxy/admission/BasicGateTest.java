package io.pm2j.proxy.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.AccessSpec.BasicAuth;
import io.pm2j.config.spec.edge.AccessSpec.Password;
import io.pm2j.proxy.admission.BasicGate.Outcome;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Names and passwords (RFC 7617).
class BasicGateTest {
    private static final String SLOW = BCrypt.withDefaults().hashToString(4, "slow pässword".toCharArray());
    private static final String SHA = "$sha256$saltsalt$" + sha256("saltsaltquick");

    private final PasswordThreads threads = new PasswordThreads(1, 1);

    @AfterEach
    void stop() {
        threads.close();
    }

    private static String sha256(String text) {
        try {
            byte[] digest =
                    java.security.MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return java.util.HexFormat.of().formatHex(digest);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BasicAuth spec(Map<String, String> users, @Nullable Path file) {
        Map<String, Password> parsed = new java.util.LinkedHashMap<>();
        users.forEach((name, password) -> parsed.put(name, Password.parse(password)));
        return new BasicAuth("staff", parsed, Optional.ofNullable(file));
    }

    private BasicGate gate(Map<String, String> users) throws InvalidConfig {
        return new BasicGate(spec(users, null), threads);
    }

    private static String basic(String pair, Charset charset) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(charset));
    }

    private static String basic(String pair) {
        return basic(pair, StandardCharsets.UTF_8);
    }

    private static Outcome settled(Outcome outcome) throws Exception {
        return outcome instanceof Outcome.Later later
                ? later.outcome().toCompletableFuture().get(60, TimeUnit.SECONDS)
                : outcome;
    }

    @Test
    void knowsFastHashesAtOnce() throws Exception {
        BasicGate gate = gate(Map.of("ann", SHA, "bob", "plain:text"));

        assertThat(gate.check(basic("ann:quick"))).isEqualTo(new Outcome.Known("ann"));
        assertThat(gate.check(basic("bob:plain:text"))).isEqualTo(new Outcome.Known("bob"));
        assertThat(gate.check(basic("ann:wrong"))).isEqualTo(new Outcome.Unknown());
        assertThat(gate.check(basic("bob:"))).isEqualTo(new Outcome.Unknown());
        assertThat(gate.check(basic("eve:quick"))).isEqualTo(new Outcome.Unknown());
    }

    @Test
    void hashesElsewhereAndRemembersWhatWasRight() throws Exception {
        BasicGate gate = gate(Map.of("ann", SLOW));
        String right = basic("ann:slow pässword");

        Outcome first = gate.check(right);

        assertThat(first).isInstanceOf(Outcome.Later.class);
        assertThat(settled(first)).isEqualTo(new Outcome.Known("ann"));
        assertThat(gate.check(right)).as("no hashing again").isEqualTo(new Outcome.Known("ann"));
        Outcome wrong = gate.check(basic("ann:wrong"));
        assertThat(settled(wrong)).isEqualTo(new Outcome.Unknown());
        assertThat(gate.check(basic("ann:wrong"))).as("never remembered").isInstanceOf(Outcome.Later.class);
    }

    /// Whoever is not proven costs a slow hash, whatever is known of the name.
    @ParameterizedTest
    @ValueSource(strings = {"eve:anything", "ann:wrong", "quick:wrong", "quick:quick", ":", "ann:"})
    void everyNameCostsTheSame(String pair) throws Exception {
        BasicGate gate = gate(Map.of("ann", SLOW, "quick", SHA));

        Outcome outcome = gate.check(basic(pair));

        assertThat(outcome).isInstanceOf(Outcome.Later.class);
        Outcome expected = pair.equals("quick:quick") ? new Outcome.Known("quick") : new Outcome.Unknown();
        assertThat(settled(outcome)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Basic",
                "Basic ",
                "Basic !!!",
                "Bearer abc",
                "Basic YW5u",
                "Basic YW5uOg==, Basic x",
                "Basic /zo="
            })
    void malformedCredentialsAreNone(String authorization) throws Exception {
        assertThat(gate(Map.of("ann", SLOW)).check(authorization)).isEqualTo(new Outcome.Unknown());
        assertThat(gate(Map.of("ann", SLOW)).check(null)).isEqualTo(new Outcome.Unknown());
    }

    @Test
    void theSchemeHasNoCase() throws Exception {
        assertThat(gate(Map.of("ann", SHA)).check(basic("ann:quick").replace("Basic", "bASIC")))
                .isEqualTo(new Outcome.Known("ann"));
    }

    @Test
    void ofALongPasswordTheFirst72BytesCount() throws Exception {
        String hash = BCrypt.withDefaults().hashToString(4, "x".repeat(71).toCharArray());
        BasicGate gate = gate(Map.of("ann", hash));

        assertThat(settled(gate.check(basic("ann:" + "x".repeat(71))))).isEqualTo(new Outcome.Known("ann"));
        assertThat(settled(gate.check(basic("ann:" + "x".repeat(200))))).isEqualTo(new Outcome.Unknown());
    }

    @Test
    void knowsTheHashesOfHtpasswd() throws Exception {
        String hash = SLOW.replaceFirst("2a", "2y");

        assertThat(settled(gate(Map.of("ann", hash)).check(basic("ann:slow pässword"))))
                .isEqualTo(new Outcome.Known("ann"));
    }

    @Test
    void isBusyWhenTooManyWait() throws Exception {
        BasicGate gate = gate(Map.of("ann", SLOW));
        var held = new CountDownLatch(1);
        var started = new CountDownLatch(1);
        threads.run(() -> {
            started.countDown();
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        started.await();

        Outcome waits = gate.check(basic("ann:slow pässword"));
        Outcome same = gate.check(basic("ann:slow pässword"));
        Outcome busy = gate.check(basic("ann:other"));
        held.countDown();

        assertThat(busy).isEqualTo(new Outcome.Busy());
        assertThat(same).as("hashed once for both").isEqualTo(waits);
        assertThat(settled(waits)).isEqualTo(new Outcome.Known("ann"));
        assertThat(settled(gate.check(basic("ann:other")))).isEqualTo(new Outcome.Unknown());
    }

    @Test
    void readsMoreUsersFromAFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("users"), """
                # people
                ann:%s

                jürgen:plain
                """.formatted(SHA));
        var gate = new BasicGate(spec(Map.of("bob", "plain"), file), threads);

        assertThat(gate.check(basic("ann:quick"))).isEqualTo(new Outcome.Known("ann"));
        assertThat(gate.check(basic("jürgen:plain"))).isEqualTo(new Outcome.Known("jürgen"));
        assertThat(gate.check(basic("bob:plain"))).isEqualTo(new Outcome.Known("bob"));
        assertThat(gate.check(basic("jürgen:plain", StandardCharsets.ISO_8859_1)))
                .isEqualTo(new Outcome.Unknown());
    }

    @Test
    void namesEveryWrongLineAndShowsNoPassword(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("users"), """
                bob:again
                nothing
                :secret1
                eve:$apr1$secret2$x
                kim:
                max:$2b$31$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234
                """);
        List<String> lines = new ArrayList<>();
        assertThatThrownBy(() -> new BasicGate(spec(Map.of("bob", "plain"), file), threads))
                .isInstanceOfSatisfying(
                        InvalidConfig.class,
                        wrong -> wrong.problems()
                                .forEach(problem -> lines.add(problem.toString()
                                        .substring(file.toString().length()))));

        assertThat(lines)
                .containsExactly(
                        ":1: bob is there already (expected: each name once)",
                        ":2: no name and password (expected: name:password)",
                        ":3: no name and password (expected: name:password)",
                        ":4: eve: an unknown kind of hash (expected: bcrypt ($2b$...) or $sha256$SALT$HEX)",
                        ":5: kim: an empty password (expected: a bcrypt or $sha256$ hash)",
                        ":6: max: bcrypt of cost 31 (expected: 4 to 16)");
    }

    @Test
    void refusesAFileThatCannotBeRead(@TempDir Path folder) throws Exception {
        Path latin = Files.write(folder.resolve("latin"), new byte[] {'j', (byte) 0xfc, ':', 'x'});
        Path empty = Files.writeString(folder.resolve("empty"), "# nobody\n");

        assertThatThrownBy(() -> new BasicGate(spec(Map.of(), folder.resolve("none")), threads))
                .hasMessageEndingWith("none: basic_auth.file: does not exist");
        assertThatThrownBy(() -> new BasicGate(spec(Map.of(), latin), threads)).hasMessageEndingWith("is not UTF-8");
        assertThatThrownBy(() -> new BasicGate(spec(Map.of(), empty), threads))
                .hasMessageEndingWith("names nobody (expected: lines of name:password)");
    }
}
