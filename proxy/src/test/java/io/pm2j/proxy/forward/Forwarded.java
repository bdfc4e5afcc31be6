package io.pm2j.proxy.forward;

import io.pm2j.proxy.corpus.ReferenceReading.Field;
import io.pm2j.proxy.corpus.ReferenceReading.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a worker must see of a request, in the words of `corpus/recorder.js`: worked out from the reference
/// reading and the documented treatment of fields alone.
final class Forwarded {
    private static final Set<String> ENDS_HERE = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "upgrade",
            "http2-settings",
            "forwarded",
            "x-real-ip");
    private static final Set<String> CANNOT_BE_NAMED = Set.of(
            "host",
            "content-length",
            "transfer-encoding",
            "expect",
            "authorization",
            "cookie",
            "content-type",
            "content-encoding",
            "cache-control",
            "location",
            "date");
    private static final Set<String> SHADOWS = Set.of(
            "connection",
            "content-length",
            "transfer-encoding",
            "keep-alive",
            "proxy-connection",
            "upgrade",
            "http2-settings",
            "host",
            "x-real-ip",
            "forwarded");

    private Forwarded() {}

    static String text(Request r, int port) {
        String target = r.target();
        String authority = null;
        if (target.matches("(?i)https?://.*")) {
            int from = target.indexOf("//") + 2;
            int to = from;
            while (to < target.length() && target.charAt(to) != '/' && target.charAt(to) != '?') {
                to++;
            }
            authority = target.substring(from, to);
            target = target.substring(to);
            if (target.isEmpty() && r.method().equals("OPTIONS")) {
                target = "*";
            } else if (!target.startsWith("/")) {
                target = "/" + target;
            }
        }
        StringBuilder text = new StringBuilder(r.method() + " " + target + " " + r.version() + "\n");
        if (authority != null) {
            text.append("Host: ").append(authority).append('\n');
        }
        String host = authority;
        for (Field field : r.fields()) {
            if (field.name().equalsIgnoreCase("Host") && authority == null) {
                host = field.value();
            }
            if (isKept(r, field, authority != null)) {
                text.append(field.name()).append(": ").append(field.value()).append('\n');
            }
        }
        String protocol = upgrade(r);
        if (protocol != null) {
            text.append("Connection: upgrade\nUpgrade: ").append(protocol).append('\n');
        }
        if (host != null) {
            text.append("X-Forwarded-Host: ").append(host).append('\n');
        }
        text.append("X-Forwarded-For: 127.0.0.1\nX-Forwarded-Proto: http\nX-Forwarded-Port: ")
                .append(port)
                .append("\nForwarded: for=127.0.0.1;proto=http");
        return text.append("\n\n").append(r.body()).toString();
    }

    private static boolean isKept(Request r, Field field, boolean absolute) {
        String name = field.name().toLowerCase(Locale.ROOT);
        String dashed = name.replace('_', '-');
        boolean shadows = name.contains("_") && SHADOWS.contains(dashed);
        boolean named = r.list("Connection").contains(name) && !CANNOT_BE_NAMED.contains(name);
        boolean replaced = name.equals("host") && absolute || name.equals("expect") && r.http10();
        return !ENDS_HERE.contains(name) && !dashed.startsWith("x-forwarded-") && !shadows && !named && !replaced;
    }

    /// Only a GET of HTTP/1.1 without a body may switch, to one protocol, and never to h2c.
    private static @Nullable String upgrade(Request r) {
        List<String> asked = r.values("Upgrade");
        boolean may = r.method().equals("GET")
                && !r.http10()
                && r.body().isEmpty()
                && r.values("Transfer-Encoding").isEmpty()
                && r.list("Connection").contains("upgrade")
                && asked.size() == 1
                && asked.getFirst().matches("[!#$%&'*+\\-.^_`|~0-9A-Za-z/]+")
                && !asked.getFirst().equalsIgnoreCase("h2c");
        return may ? asked.getFirst() : null;
    }

    static String digest(String text) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
