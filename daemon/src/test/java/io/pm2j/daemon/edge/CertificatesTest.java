package io.pm2j.daemon.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.spec.edge.TlsSpec.KeyFiles;
import io.pm2j.proxy.tls.Certificate;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which certificate is served when its files change. The pairs are for `secure.example`, three until 2126.
class CertificatesTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final Path PAIRS = Path.of("src/test/resources/tls").toAbsolutePath();
    private static final Instant WHEN_IT_WAS_GOOD = Instant.parse("2020-01-15T00:00:00Z");

    @TempDir
    Path folder = Path.of("");

    private KeyFiles files = new KeyFiles(Path.of(""), Path.of(""));
    private Certificates certificates = new Certificates(VERTX, InstantSource.system());

    @BeforeEach
    void open() {
        files = new KeyFiles(folder.resolve("cert.pem"), folder.resolve("key.pem"));
        certificates = new Certificates(VERTX, InstantSource.system());
    }

    @AfterAll
    static void stop() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    private void copy(String pair, String file) throws IOException {
        Files.copy(PAIRS.resolve(pair).resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }

    private void copy(String pair) throws IOException {
        copy(pair, "cert.pem");
        copy(pair, "key.pem");
    }

    private Certificate served() throws EdgeRefused {
        return certificates.of(List.of(files)).values().iterator().next();
    }

    private static Certificate pair(String name) throws Exception {
        Path pair = PAIRS.resolve(name);
        return Certificate.read(VERTX, pair.resolve("cert.pem"), pair.resolve("key.pem"));
    }

    @Test
    void r14APairIsServedWhenBothItsHalvesAreThere() throws Exception {
        copy("one");
        assertThat(served().same(pair("one"))).isTrue();

        copy("two", "cert.pem");
        assertThat(served().same(pair("one"))).isTrue();
        assertThat(certificates.banners()).singleElement().asString().contains("key.pem is not the key to");

        copy("two", "key.pem");
        assertThat(served().same(pair("two"))).isTrue();
        assertThat(certificates.banners()).isEmpty();
    }

    @Test
    void whatIsCutShortOrGoneChangesNothing() throws Exception {
        copy("one");
        Certificate one = served();

        Files.writeString(
                files.certificate(), Files.readString(files.certificate()).substring(0, 300));
        assertThat(served()).isSameAs(one);
        assertThat(certificates.banners()).singleElement().asString().contains("not a whole certificate");
        Files.delete(files.certificate());
        assertThat(served()).isSameAs(one);
        assertThat(certificates.banners()).singleElement().asString().contains("is not there");
    }

    @Test
    void whatIsNoGoodAndHasNothingBeforeItIsRefused() throws Exception {
        copy("one", "cert.pem");
        copy("two", "key.pem");

        assertThatThrownBy(this::served).isInstanceOf(EdgeRefused.class).hasMessageContaining("is not the key to");
        assertThat(certificates.paths()).isEmpty();
    }

    @Test
    void anExpiredOneIsBetterThanNone() throws Exception {
        copy("expired");

        assertThat(served().same(pair("expired"))).isTrue();
        assertThat(certificates.banners()).singleElement().asString().contains("has expired at 2020-01-31");
        copy("one");
        assertThat(served().same(pair("one"))).isTrue();
        copy("expired");
        assertThat(served().same(pair("one"))).isTrue();
        assertThat(certificates.banners()).singleElement().asString().contains("has expired at 2020-01-31");
    }

    @Test
    void whatExpiresWhileItIsServedIsReplacedByWhatIsNewer() throws Exception {
        Certificate expired = pair("expired");
        Certificates.Kept good = Certificates.chosen(null, expired, WHEN_IT_WAS_GOOD);
        assertThat(good.problem()).isEmpty();

        Certificates.Kept later = Certificates.chosen(good, expired, Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(later.served()).isSameAs(expired);
        assertThat(later.problem()).isPresent();
        assertThat(Certificates.chosen(later, pair("one"), Instant.parse("2020-02-02T00:00:00Z"))
                        .served())
                .as("neither is believed: the newer")
                .matches(one -> !one.same(expired));
    }
}
