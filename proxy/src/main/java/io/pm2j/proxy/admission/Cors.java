package io.pm2j.proxy.admission;

import io.pm2j.config.spec.edge.CorsSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which pages of other origins may read the answers (the Fetch Standard's CORS protocol, §3.2).
///
/// The fields are the edge's alone: those of the origin server are dropped, since two of them are
/// as bad as none.
final class Cors {
    static final Set<String> FIELDS = Set.of(
            "access-control-allow-origin",
            "access-control-allow-credentials",
            "access-control-expose-headers",
            "access-control-allow-methods",
            "access-control-allow-headers",
            "access-control-max-age");

    private static final String VARY = "Vary: Origin\r\n";
    private static final String PREFLIGHT_VARY =
            "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n";

    private final boolean any;
    private final Set<String> origins = new HashSet<>();
    private final List<Below> below = new ArrayList<>();
    private final String answerFields;
    private final String anyFields;
    private final boolean credentials;
    private final CorsSpec spec;

    /// All hosts below a domain: `https://` and `.example.com`.
    private record Below(String scheme, String domain) {
        boolean holds(String origin) {
            return origin.length() > scheme.length() + domain.length()
                    && origin.startsWith(scheme)
                    && origin.endsWith(domain);
        }
    }

    Cors(CorsSpec spec) {
        this.spec = spec;
        any = spec.origins().contains("*");
        credentials = spec.credentials();
        for (String origin : spec.origins()) {
            String lower = origin.toLowerCase(Locale.ROOT);
            int star = lower.indexOf("*.");
            if (star > 0) {
                below.add(new Below(lower.substring(0, star), lower.substring(star + 1)));
            } else {
                origins.add(lower);
            }
        }
        answerFields = spec.expose().isEmpty()
                ? ""
                : "Access-Control-Expose-Headers: " + String.join(", ", spec.expose()) + "\r\n";
        anyFields = "Access-Control-Allow-Origin: *\r\n" + answerFields;
    }

    /// The lines of an answer.
    String lines(@Nullable CharSequence origin) {
        if (any) {
            return anyFields;
        }
        return allows(origin) ? allowed(origin) + answerFields + VARY : VARY;
    }

    /// Whether it is a browser's question before a request, which the edge answers.
    boolean isPreflight(Arrival arrival) {
        return CharSequence.compare(arrival.method(), "OPTIONS") == 0
                && arrival.header("origin") != null
                && arrival.header("access-control-request-method") != null;
    }

    /// The lines of the answer to it. An origin that may not is not told what others may.
    String preflight(Arrival arrival) {
        CharSequence origin = arrival.header("origin");
        if (!allows(origin)) {
            return PREFLIGHT_VARY;
        }
        StringBuilder lines = new StringBuilder(256);
        lines.append(any ? "Access-Control-Allow-Origin: *\r\n" : allowed(origin));
        field(lines, "Access-Control-Allow-Methods", spec.methods(), arrival.header("access-control-request-method"));
        field(lines, "Access-Control-Allow-Headers", spec.headers(), arrival.header("access-control-request-headers"));
        lines.append("Access-Control-Max-Age: ")
                .append(spec.maxAge().toSeconds())
                .append("\r\n");
        return lines.append(PREFLIGHT_VARY).toString();
    }

    private String allowed(@Nullable CharSequence origin) {
        String lines = "Access-Control-Allow-Origin: " + origin + "\r\n";
        return credentials ? lines + "Access-Control-Allow-Credentials: true\r\n" : lines;
    }

    /// `*` is what was asked for: as a wildcard it would not hold for Authorization, nor with
    /// credentials.
    private static void field(StringBuilder lines, String name, List<String> allowed, @Nullable CharSequence asked) {
        boolean all = allowed.contains("*");
        if (all ? asked != null && isList(asked) : !allowed.isEmpty()) {
            lines.append(name)
                    .append(": ")
                    .append(all ? asked : String.join(", ", allowed))
                    .append("\r\n");
        }
    }

    /// Names and commas: nothing else is said again.
    private static boolean isList(CharSequence text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f && "()<>@;:\\\"/[]?={}".indexOf(c) < 0 || c == ' ');
    }

    private boolean allows(@Nullable CharSequence origin) {
        if (any || origin == null) {
            return any;
        }
        String lower = origin.toString().toLowerCase(Locale.ROOT);
        if (origins.contains(lower)) {
            return true;
        }
        for (Below domain : below) {
            if (domain.holds(lower) && isOrigin(lower)) {
                return true;
            }
        }
        return false;
    }

    /// `scheme://host[:port]` and no more, as browsers send it.
    private static boolean isOrigin(String lower) {
        int from = lower.indexOf("//") + 2;
        for (int i = from; i < lower.length(); i++) {
            char c = lower.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || "-._:".indexOf(c) >= 0)) {
                return false;
            }
        }
        return lower.charAt(from) != '.';
    }
}
