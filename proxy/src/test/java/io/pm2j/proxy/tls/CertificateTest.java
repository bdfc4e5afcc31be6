package io.pm2j.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which pairs of files are taken for a certificate and its key.
class CertificateTest {
    private static final Vertx VERTX = Vertx.vertx();

    @TempDir
    Path folder = Path.of("");

    private Pairs pairs = new Pairs(folder);

    @AfterAll
    static void stop() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @BeforeEach
    void open() {
        pairs = new Pairs(folder);
    }

    private static Certificate read(Pairs.Pair pair) throws BadCertificate {
        return Certificate.read(VERTX, pair.certificate(), pair.key());
    }

    private static String refused(Path certificate, Path key) {
        return catchThrowableOfType(BadCertificate.class, () -> Certificate.read(VERTX, certificate, key))
                .sentence();
    }

    @Test
    void takesWhatFits() throws Exception {
        Certificate one = read(pairs.make("a", "A.example", "*.b.example"));

        assertThat(one.names()).containsExactlyInAnyOrder("a.example", "*.b.example");
        assertThat(one.untimely(Instant.now())).isNull();
        assertThat(one.same(read(new Pairs.Pair(folder.resolve("a.pem"), folder.resolve("a.key")))))
                .isTrue();
        assertThat(one.same(read(pairs.make("b", "a.example")))).isFalse();
    }

    @Test
    void isForItsCommonNameWhereItNamesNoOther() throws Exception {
        assertThat(read(pairs.make("only")).names()).containsExactly("only");
    }

    @Test
    void knowsWhenItIsOfNoUse() throws Exception {
        Certificate old = read(pairs.expired("old", "a.example"));

        assertThat(old.untimely(Instant.now())).contains("old.pem has expired at");
        assertThat(old.untimely(old.notBefore().minusSeconds(1))).contains("is not valid before");
        assertThat(old.untimely(old.notAfter())).isNull();
    }

    @Test
    void takesTheKeysThatOpensslWrites() throws Exception {
        for (List<String> kind : List.of(
                List.of("genrsa", "-traditional", "-out"),
                List.of("genrsa", "-out"),
                List.of("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out"))) {
            Path key = folder.resolve("it.key");
            Path certificate = folder.resolve("it.pem");
            openssl(kind, key.toString());
            openssl(
                    List.of("req", "-x509", "-new", "-key", key.toString(), "-subj", "/CN=a", "-out"),
                    certificate.toString());

            assertThat(read(new Pairs.Pair(certificate, key)).names())
                    .as("%s", kind)
                    .containsExactly("a");
        }
    }

    private static void openssl(List<String> command, String last) throws IOException, InterruptedException {
        List<String> all = new java.util.ArrayList<>(List.of("openssl"));
        all.addAll(command);
        all.add(last);
        Process made = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = new String(made.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(made.waitFor()).as(said).isZero();
    }

    @Test
    void refusesAKeyOfAKindThatNoBrowserKnows() throws Exception {
        Path key = folder.resolve("it.key");
        openssl(List.of("genpkey", "-algorithm", "ed25519", "-out"), key.toString());

        assertThat(refused(pairs.make("a", "a").certificate(), key))
                .endsWith("it.key is not a key that can be read (expected: PEM of an RSA or EC key, not encrypted)");
    }

    @Test
    void refusesAKeyToAnother() throws Exception {
        Pairs.Pair one = pairs.make("one", "a");
        Pairs.Pair other = pairs.make("other", "a");

        assertThat(refused(one.certificate(), other.key()))
                .contains("other.key is not the key to")
                .contains("one.pem");
    }

    @Test
    void refusesWhatIsCutShort() throws Exception {
        Pairs.Pair pair = pairs.make("a", "a");
        String pem = Files.readString(pair.certificate());
        String key = Files.readString(pair.key());

        Files.writeString(pair.certificate(), pem.substring(0, pem.length() / 2));
        assertThat(refused(pair.certificate(), pair.key())).contains("a.pem is not a whole certificate");
        Files.writeString(pair.certificate(), "");
        assertThat(refused(pair.certificate(), pair.key())).contains("a.pem has no certificate");
        Files.writeString(pair.certificate(), pem);
        Files.writeString(pair.key(), key.substring(0, key.length() / 2));
        assertThat(refused(pair.certificate(), pair.key())).contains("a.key is not a key that can be read");
        Files.writeString(pair.key(), "");
        assertThat(refused(pair.certificate(), pair.key())).contains("a.key is not a key that can be read");
        Files.delete(pair.key());
        assertThat(refused(pair.certificate(), pair.key())).contains("a.key is not there");
    }
}
