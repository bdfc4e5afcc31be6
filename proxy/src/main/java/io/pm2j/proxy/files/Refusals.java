package io.pm2j.proxy.files;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The answers that are not a file. Pure.
final class Refusals {
    private static final Map.Entry<String, String> ALLOW = Map.entry("Allow", "GET, HEAD, OPTIONS");

    private Refusals() {}

    static Plan options() {
        return new Plan(204, List.of(ALLOW), null, List.of());
    }

    static Plan methodNotAllowed() {
        return text(405, "Method Not Allowed", List.of(ALLOW));
    }

    static Plan malformed(String why) {
        return text(400, "Bad Request: " + why, List.of());
    }

    static Plan redirect(String location) {
        return text(308, "Permanent Redirect", List.of(Map.entry("Location", location)));
    }

    /// @param vary what made it missing, or empty
    static Plan notFound(String vary) {
        return text(404, "Not Found", vary.isEmpty() ? List.of() : List.of(Map.entry("Vary", vary)));
    }

    static Plan forbidden() {
        return text(403, "Forbidden", List.of());
    }

    static Plan unavailable() {
        return text(503, "Service Unavailable", List.of(Map.entry("Retry-After", "1")));
    }

    static Plan text(int status, String sentence, List<Map.Entry<String, String>> more) {
        byte[] body = (sentence + "\n").getBytes(StandardCharsets.UTF_8);
        List<Map.Entry<String, String>> headers = new ArrayList<>(more);
        headers.add(Map.entry("Cache-Control", status == 503 ? "no-store" : "no-cache"));
        headers.add(Map.entry("X-Content-Type-Options", "nosniff"));
        headers.add(Map.entry("Content-Type", "text/plain; charset=utf-8"));
        headers.add(Map.entry("Content-Length", Integer.toString(body.length)));
        return new Plan(status, headers, null, List.of(new Plan.Piece.Literal(body)));
    }
}
