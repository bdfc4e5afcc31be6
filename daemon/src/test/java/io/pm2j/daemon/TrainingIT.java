package io.pm2j.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The daemon's short life for its cache, on the real thing.
class TrainingIT {
    private static final Path JDK = Path.of(System.getProperty("java.home"));

    @TempDir
    Path folder;

    @Test
    void trainsWithTlsAndNode() throws Exception {
        assertThat(complaints(JDK)).isEmpty();
        assertThat(folder.resolve("home/rsa.test.pem")).isNotEmptyFile();
    }

    @Test
    void trainsWithoutTlsWhereNoCertificateCanBeMade() throws Exception {
        assertThat(complaints(folder.resolve("no-jdk"))).contains("the training is without TLS: ");
    }

    /// What a training that succeeds says of what it did not do.
    private String complaints(Path jdk) throws Exception {
        PrintStream usual = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(Training.run(Files.createDirectory(folder.resolve("home")), jdk))
                    .isZero();
        } finally {
            System.setErr(usual);
        }
        return said.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("the training is without"))
                .toList()
                .toString()
                .replace("[]", "");
    }
}
