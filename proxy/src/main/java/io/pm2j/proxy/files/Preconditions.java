package io.pm2j.proxy.files;

import org.jspecify.annotations.Nullable;

/// The conditional fields of RFC 9110 §13, in the order of §13.2.2, for GET and HEAD.
final class Preconditions {
    /// What a conditional request comes to.
    enum Verdict {
        PROCEED,
        NOT_MODIFIED,
        FAILED
    }

    private Preconditions() {}

    /// @param etag the strong entity tag of the selected representation, with its quotes
    static Verdict judge(SiteRequest request, String etag, long modifiedSeconds) {
        String ifMatch = request.header("if-match");
        Long unmodifiedSince = date(request.header("if-unmodified-since"));
        if (ifMatch != null) {
            if (!lists(ifMatch, etag, false)) {
                return Verdict.FAILED;
            }
        } else if (unmodifiedSince != null && modifiedSeconds > unmodifiedSince) {
            return Verdict.FAILED;
        }
        String ifNoneMatch = request.header("if-none-match");
        Long modifiedSince = date(request.header("if-modified-since"));
        if (ifNoneMatch != null) {
            return lists(ifNoneMatch, etag, true) ? Verdict.NOT_MODIFIED : Verdict.PROCEED;
        }
        return modifiedSince != null && modifiedSeconds <= modifiedSince ? Verdict.NOT_MODIFIED : Verdict.PROCEED;
    }

    /// Whether a `Range` still speaks of this representation (§13.1.5): strong tags only; a date must be exact.
    static boolean rangeHolds(SiteRequest request, String etag, long modifiedSeconds) {
        String ifRange = request.header("if-range");
        if (ifRange == null) {
            return true;
        }
        if (ifRange.strip().equals(etag)) {
            return true;
        }
        Long date = date(ifRange);
        return date != null && date == modifiedSeconds;
    }

    private static @Nullable Long date(@Nullable String text) {
        return text == null ? null : HttpDate.readSeconds(text);
    }

    /// Reads `*` or a list of tags; commas may stand inside a tag, so it is scanned, not split.
    private static boolean lists(String field, String etag, boolean weak) {
        if (field.strip().equals("*")) {
            return true;
        }
        int at = 0;
        while (true) {
            int open = field.indexOf('"', at);
            int close = open < 0 ? -1 : field.indexOf('"', open + 1);
            if (close < 0) {
                return false;
            }
            boolean weakTag = open >= 2 && field.startsWith("W/", open - 2);
            if (field.substring(open, close + 1).equals(etag) && (weak || !weakTag)) {
                return true;
            }
            at = close + 1;
        }
    }
}
