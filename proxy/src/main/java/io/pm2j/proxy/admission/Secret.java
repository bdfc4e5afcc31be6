package io.pm2j.proxy.admission;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.BCrypt.Version;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.pm2j.config.spec.edge.AccessSpec.Password;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/// What a password is compared with, in constant time.
sealed interface Secret {
    /// `matches` takes milliseconds and more, on purpose.
    record Slow(byte[] hash, int cost) implements Secret {
        // As everywhere else: of a longer password the first 72 bytes count.
        private static final BCrypt.Verifyer BCRYPT =
                BCrypt.verifyer(Version.VERSION_2B, LongPasswordStrategies.truncate(Version.VERSION_2B));

        @Override
        public boolean matches(byte[] password) {
            return BCRYPT.verify(password, hash).verified;
        }

        /// One that takes as long as any of this cost.
        static Slow nobodys(int cost) {
            String text = "$2b$%02d$abcdefghijklmnopqrstuu5Zs2rVwUDBMqgWvxdmBGCuKcJIMmcYG".formatted(cost);
            return new Slow(text.getBytes(StandardCharsets.US_ASCII), cost);
        }
    }

    /// Takes a microsecond.
    record Fast(byte[] salt, byte[] digest) implements Secret {
        @Override
        public boolean matches(byte[] password) {
            return MessageDigest.isEqual(digest, digestOf(salt, password));
        }

        static Fast nobodys() {
            byte[] bytes = new byte[32];
            new SecureRandom().nextBytes(bytes);
            return new Fast(bytes, bytes);
        }
    }

    boolean matches(byte[] password);

    static Secret of(Password password) {
        return switch (password) {
            case Password.Bcrypt bcrypt ->
                new Slow(
                        bcrypt.text().getBytes(StandardCharsets.US_ASCII),
                        Integer.parseInt(bcrypt.text().substring(4, 6)));
            case Password.Sha256 sha ->
                new Fast(
                        sha.salt().getBytes(StandardCharsets.US_ASCII),
                        HexFormat.of().parseHex(sha.hex()));
            case Password.Plain plain -> {
                // Digests have one length: how long the password is cannot be measured.
                byte[] salt = Fast.nobodys().salt();
                yield new Fast(salt, digestOf(salt, plain.text().getBytes(StandardCharsets.UTF_8)));
            }
        };
    }

    private static byte[] digestOf(byte[] salt, byte[] password) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(salt);
            return sha.digest(password);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
