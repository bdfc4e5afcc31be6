package io.pm2j.daemon;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for one name that is its own authority, and a client that believes it and nothing else.
/// For [Training] alone: made by the JDK's keytool in a process of its own, so that no class of that is in the cache.
final class SelfSigned {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final byte HEADERS = 1;
    private static final int MAKING_SECONDS = 20;
    private static final int ANSWER_MILLIS = 5_000;

    private final Path certificate;
    private final Path key;
    private final String name;
    private final SSLContext client;

    private SelfSigned(Path certificate, Path key, String name, SSLContext client) {
        this.certificate = certificate;
        this.key = key;
        this.name = name;
        this.client = client;
    }

    /// Makes one, with its files in `folder`. Blocks.
    ///
    /// @param jdk whose keytool makes it
    /// @param algorithm of the key: EC or RSA
    static SelfSigned make(Path jdk, Path folder, String name, String algorithm)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path store = folder.resolve(name + ".p12");
        keytool(
                jdk.resolve("bin/keytool"),
                List.of("-keyalg", algorithm, "-dname", "CN=" + name, "-ext", "san=dns:" + name),
                store);
        KeyStore made = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            made.load(in, PASSWORD);
        }
        Certificate certificate = made.getCertificate("one");
        return new SelfSigned(
                pem(folder.resolve(name + ".pem"), "CERTIFICATE", certificate.getEncoded()),
                pem(
                        folder.resolve(name + ".key"),
                        "PRIVATE KEY",
                        made.getKey("one", PASSWORD).getEncoded()),
                name,
                believing(certificate));
    }

    Path certificate() {
        return certificate;
    }

    Path key() {
        return key;
    }

    private SSLSocket connect(int port) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(plain, name, port, true);
        socket.setSoTimeout(ANSWER_MILLIS);
        return socket;
    }

    /// Whether a request of HTTP/2 gets an answer: the preface, empty settings, and a head on stream 1 (RFC 9113 §3.4,
    /// RFC 7541 §6).
    boolean answersHttp2(int port) throws IOException {
        try (SSLSocket socket = connect(port)) {
            SSLParameters wanted = socket.getSSLParameters();
            wanted.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(wanted);
            byte[] host = name.getBytes(StandardCharsets.US_ASCII);
            ByteBuffer request = ByteBuffer.allocate(128)
                    .put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII))
                    .put(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0})
                    .put(new byte[] {0, 0, (byte) (5 + host.length), HEADERS, 5, 0, 0, 0, 1})
                    .put(new byte[] {(byte) 0x82, (byte) 0x87, (byte) 0x84, 0x41, (byte) host.length})
                    .put(host);
            socket.getOutputStream().write(request.array(), 0, request.position());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (; ; ) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                byte type = in.readByte();
                in.skipNBytes(5L + length);
                if (type == HEADERS) {
                    return true;
                }
            }
        }
    }

    /// Whether a request over TLS of that version gets an answer.
    boolean answers(int port, String version) throws IOException {
        try (SSLSocket socket = connect(port)) {
            socket.setEnabledProtocols(new String[] {version});
            String request = "GET / HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.startsWith("HTTP/1.1 ");
        }
    }

    private static void keytool(Path program, List<String> options, Path store)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(List.of("-genkeypair", "-alias", "one", "-validity", "2", "-storetype", "PKCS12"));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", new String(PASSWORD)));
        command.addAll(options);
        Process tool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!tool.waitFor(MAKING_SECONDS, TimeUnit.SECONDS)) {
            tool.destroyForcibly();
            throw new IOException("keytool took more than " + MAKING_SECONDS + " s");
        }
        if (tool.exitValue() != 0) {
            throw new IOException("keytool ended with " + tool.exitValue());
        }
    }

    private static Path pem(Path file, String what, byte[] der) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }

    private static SSLContext believing(Certificate certificate) throws IOException, GeneralSecurityException {
        KeyStore believed = KeyStore.getInstance(KeyStore.getDefaultType());
        believed.load(null, PASSWORD);
        believed.setCertificateEntry("one", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(believed);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
