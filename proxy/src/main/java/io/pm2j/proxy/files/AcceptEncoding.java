package io.pm2j.proxy.files;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which stored form of a file a client would rather have (RFC 9110 §12.5.3), and whether it takes a page.
final class AcceptEncoding {
    private AcceptEncoding() {}

    /// The best of the available forms; identity when nothing is better, even when it was declined: a refusal
    /// would help nobody.
    ///
    /// @param available in the server's order of preference, identity not among them
    static Coding choose(@Nullable String field, Collection<Coding> available) {
        if (field == null || available.isEmpty()) {
            return Coding.IDENTITY;
        }
        Map<String, Double> weights = weights(field);
        Coding best = Coding.IDENTITY;
        // Unlisted, identity is acceptable but never preferred.
        double bestWeight = weights.getOrDefault("identity", 0.0);
        for (Coding coding : available) {
            Double weight = weights.get(coding.token());
            if (weight == null && coding == Coding.GZIP) {
                weight = weights.get("x-gzip");
            }
            if (weight == null) {
                weight = weights.getOrDefault("*", 0.0);
            }
            boolean ties = weight == bestWeight && best == Coding.IDENTITY;
            if (weight > 0 && (weight > bestWeight || ties)) {
                best = coding;
                bestWeight = weight;
            }
        }
        return best;
    }

    /// Whether an `Accept` field admits a page; absent, everything is admitted.
    static boolean admitsHtml(@Nullable String accept) {
        if (accept == null) {
            return true;
        }
        Map<String, Double> weights = weights(accept);
        for (String range : new String[] {"text/html", "text/*", "*/*"}) {
            Double weight = weights.get(range);
            if (weight != null) {
                return weight > 0;
            }
        }
        return false;
    }

    private static Map<String, Double> weights(String field) {
        Map<String, Double> weights = new HashMap<>();
        for (String element : field.split(",", 64)) {
            String[] pieces = element.split(";", -1);
            double weight = 1;
            for (int i = 1; i < pieces.length; i++) {
                String parameter = pieces[i].strip().toLowerCase(Locale.ROOT);
                if (parameter.startsWith("q=")) {
                    weight = weight(parameter.substring(2).strip());
                }
            }
            weights.merge(pieces[0].strip().toLowerCase(Locale.ROOT), weight, Math::max);
        }
        return weights;
    }

    private static double weight(String text) {
        // qvalue, §12.4.2; anything else asks for nothing.
        return text.matches("(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)") ? Double.parseDouble(text) : 0;
    }
}
