package io.pm2j.config.read;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds what somebody probably meant to type. Pure.
public final class Nearest {
    private Nearest() {}

    /// The nearest of `known`, when it is near enough to be a slip: a third of the letters at most, but at least one.
    public static Optional<String> to(String typed, Collection<String> known) {
        int most = Math.max(1, typed.length() / 3);
        return known.stream()
                .filter(k -> distance(typed, k) <= most)
                .min(Comparator.<String>comparingInt(k -> distance(typed, k)).thenComparing(Comparator.naturalOrder()));
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment).
    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT).replace("-", "_");
        String b = right.toLowerCase(Locale.ROOT).replace("-", "_");
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                d[i][j] = i == 0 || j == 0 ? i + j : step(a, b, i, j, d);
            }
        }
        return d[a.length()][b.length()];
    }

    private static int step(String a, String b, int i, int j, int[][] d) {
        int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + cost);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
    }
}
