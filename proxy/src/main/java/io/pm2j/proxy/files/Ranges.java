package io.pm2j.proxy.files;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// What a `Range` field asks of a representation of a known length (RFC 9110 §14).
sealed interface Ranges {
    int MAX = 10;
    /// Closer than this, two parts cost more than the bytes between them (§15.3.7.2).
    long COALESCE_GAP = 80;

    /// No range we understand, or too many: the whole representation is sent.
    record Whole() implements Ranges {}

    /// Well formed, but nothing of it lies inside: 416.
    record Unsatisfiable() implements Ranges {}

    /// At least one span, ascending, none touching another.
    record Some(List<Span> spans) implements Ranges {
        public Some {
            spans = List.copyOf(spans);
        }
    }

    /// Bytes `first` to `last`, both included.
    record Span(long first, long last) {
        long length() {
            return last - first + 1;
        }

        String contentRange(long of) {
            return "bytes " + first + "-" + last + "/" + of;
        }
    }

    static Ranges parse(String field, long length) {
        String text = field.strip();
        if (!text.toLowerCase(Locale.ROOT).startsWith("bytes=")) {
            return new Whole();
        }
        String[] specs = text.substring("bytes=".length()).split(",", -1);
        List<Span> spans = new ArrayList<>();
        int asked = 0;
        for (String spec : specs) {
            String one = spec.strip();
            if (one.isEmpty()) {
                continue;
            }
            int dash = one.indexOf('-');
            if (++asked > MAX || dash < 0 || !digits(one, 0, dash) || !digits(one, dash + 1, one.length())) {
                return new Whole();
            }
            String first = one.substring(0, dash);
            String last = one.substring(dash + 1);
            if (first.isEmpty() && last.isEmpty()) {
                return new Whole();
            }
            if (!first.isEmpty() && !last.isEmpty() && number(last) < number(first)) {
                return new Whole();
            }
            span(first, last, length, spans);
        }
        if (asked == 0) {
            return new Whole();
        }
        return spans.isEmpty() ? new Unsatisfiable() : new Some(coalesce(spans));
    }

    private static void span(String first, String last, long length, List<Span> spans) {
        if (first.isEmpty()) {
            long suffix = Math.min(number(last), length);
            if (suffix > 0) {
                spans.add(new Span(length - suffix, length - 1));
            }
            return;
        }
        long from = number(first);
        if (from < length) {
            spans.add(new Span(from, last.isEmpty() ? length - 1 : Math.min(number(last), length - 1)));
        }
    }

    private static List<Span> coalesce(List<Span> spans) {
        List<Span> merged = new ArrayList<>();
        spans.sort(Comparator.comparingLong(Span::first));
        for (Span span : spans) {
            Span before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && span.first() - before.last() - 1 <= COALESCE_GAP) {
                merged.set(merged.size() - 1, new Span(before.first(), Math.max(before.last(), span.last())));
            } else {
                merged.add(span);
            }
        }
        return merged;
    }

    private static boolean digits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /// Saturates: a position past any file is still a position.
    private static long number(String digits) {
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            value = value > (Long.MAX_VALUE - 9) / 10 ? Long.MAX_VALUE : value * 10 + digits.charAt(i) - '0';
        }
        return value;
    }
}
