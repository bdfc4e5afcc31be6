package io.pm2j.proxy.admission;

import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.AccessSpec.BasicAuth;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Names and passwords (RFC 7617).
///
/// Where one of the users has a slow hash, whoever is not proven yet costs one of the highest
/// cost among them: an unknown name, a fast hash and a slow one cannot be told apart by their
/// time. The same credentials, sent by many requests at once, are hashed once.
final class BasicGate {
    private static final int LONGEST = 4096;
    private static final String SCHEME = "basic ";

    private final Map<String, Secret> users;
    private final Secret nobody;
    private final PasswordThreads threads;
    private final Proven proven = new Proven();
    private final ConcurrentHashMap<ByteBuffer, CompletableFuture<Outcome>> running = new ConcurrentHashMap<>();

    /// What became of credentials.
    sealed interface Outcome {
        record Known(String user) implements Outcome {}

        /// None, malformed, or wrong.
        record Unknown() implements Outcome {}

        /// Too many are being hashed.
        record Busy() implements Outcome {}

        record Later(CompletionStage<Outcome> outcome) implements Outcome {}
    }

    private record Credentials(String user, byte[] password) {}

    BasicGate(BasicAuth spec, PasswordThreads threads) throws InvalidConfig {
        users = Users.of(spec);
        this.threads = threads;
        int cost = users.values().stream()
                .mapToInt(secret -> secret instanceof Secret.Slow slow ? slow.cost() : 0)
                .max()
                .orElse(0);
        nobody = cost > 0 ? Secret.Slow.nobodys(cost) : Secret.Fast.nobodys();
    }

    /// @param authorization the field's value, of which nothing is kept
    Outcome check(@Nullable CharSequence authorization) {
        Credentials credentials = authorization == null ? null : parse(authorization);
        if (credentials == null) {
            return new Outcome.Unknown();
        }
        if (nobody instanceof Secret.Fast) {
            return verified(credentials);
        }
        byte[] mac = Proven.mac(authorization == null ? "" : authorization.toString());
        String user = proven.user(mac);
        return user != null ? new Outcome.Known(user) : hashed(credentials, mac);
    }

    private Outcome hashed(Credentials credentials, byte[] mac) {
        ByteBuffer key = ByteBuffer.wrap(mac);
        var mine = new CompletableFuture<Outcome>();
        CompletableFuture<Outcome> others = running.putIfAbsent(key, mine);
        if (others != null) {
            return new Outcome.Later(others);
        }
        boolean taken = threads.run(() -> {
            Outcome outcome = new Outcome.Unknown();
            try {
                outcome = verified(credentials);
                if (outcome instanceof Outcome.Known known) {
                    proven.add(mac, known.user());
                }
            } finally {
                running.remove(key);
                mine.complete(outcome);
            }
        });
        if (!taken) {
            running.remove(key);
            mine.complete(new Outcome.Busy());
        }
        return taken ? new Outcome.Later(mine) : new Outcome.Busy();
    }

    private Outcome verified(Credentials credentials) {
        Secret secret = users.get(credentials.user());
        boolean right = secret != null && secret.matches(credentials.password());
        if (secret == null || secret instanceof Secret.Fast && nobody instanceof Secret.Slow) {
            // Only for the time it takes.
            nobody.matches(credentials.password());
        }
        Arrays.fill(credentials.password(), (byte) 0);
        return right ? new Outcome.Known(credentials.user()) : new Outcome.Unknown();
    }

    /// RFC 7617 §2: the scheme in any case, then `name:password` in base64, in UTF-8.
    private static @Nullable Credentials parse(CharSequence authorization) {
        String text = authorization.length() > LONGEST ? "" : authorization.toString();
        if (!text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        byte[] plain;
        try {
            plain = Base64.getDecoder().decode(text.substring(SCHEME.length()).strip());
        } catch (IllegalArgumentException e) {
            return null;
        }
        int colon = 0;
        while (colon < plain.length && plain[colon] != ':') {
            colon++;
        }
        if (colon == plain.length) {
            return null;
        }
        try {
            String user = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(plain, 0, colon))
                    .toString();
            return new Credentials(user, Arrays.copyOfRange(plain, colon + 1, plain.length));
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
