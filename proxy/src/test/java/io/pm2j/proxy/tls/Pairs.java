package io.pm2j.proxy.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Makes certificates with their keys.
public final class Pairs {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path folder;

    public Pairs(Path folder) {
        this.folder = folder;
    }

    /// Where the two of a pair are.
    public record Pair(Path certificate, Path key) {}

    /// A pair in PEM, valid now, for these names; the subject is `file`.
    public Pair make(String file, String... names) throws Exception {
        Pair pair = new Pair(folder.resolve(file + ".pem"), folder.resolve(file + ".key"));
        List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes", "-days", "30"));
        command.addAll(List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=" + file));
        command.addAll(List.of(
                "-keyout", pair.key().toString(), "-out", pair.certificate().toString()));
        if (names.length > 0) {
            command.addAll(List.of("-addext", "subjectAltName=" + several("DNS:", names)));
        }
        run(command);
        return pair;
    }

    /// One that has expired: of the JDK's keytool, since not every openssl makes such.
    public Pair expired(String file, String... names) throws Exception {
        Path store = folder.resolve(file + ".p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "one"));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-startdate", "-100d", "-validity", "30"));
        command.addAll(List.of("-dname", "CN=" + file, "-storetype", "PKCS12", "-keystore", store.toString()));
        command.addAll(List.of("-storepass", new String(PASSWORD), "-ext", "san=" + several("dns:", names)));
        run(command);
        return write(store, file);
    }

    private static String several(String kind, String... names) {
        return Stream.of(names).map(name -> kind + name).collect(Collectors.joining(","));
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process made = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (made.waitFor() != 0) {
            throw new IOException(said);
        }
    }

    private Pair write(Path store, String file) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        Pair pair = new Pair(folder.resolve(file + ".pem"), folder.resolve(file + ".key"));
        Files.writeString(
                pair.certificate(),
                pem("CERTIFICATE", keys.getCertificate("one").getEncoded()));
        Files.writeString(
                pair.key(), pem("PRIVATE KEY", keys.getKey("one", PASSWORD).getEncoded()));
        return pair;
    }

    private static String pem(String what, byte[] der) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }
}
