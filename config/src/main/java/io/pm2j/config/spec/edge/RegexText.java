package io.pm2j.config.spec.edge;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/// A regular expression in RE2's syntax: matched in time linear to the input, so that no request
/// can make it run away.
///
/// There are no back references and no look-around, which are what costs exponential time
/// elsewhere. It has to match the whole text: one that is found anywhere in a path lets
/// `/x/admin` pass for `/admin`.
public record RegexText(String text) {
    static final int MOST = 1024;

    public RegexText {
        Rules.require(text.length() <= MOST, text.length() + " characters", "a regular expression of at most " + MOST);
        compile(text);
    }

    /// The number of its groups: `{1}` and so on in what replaces it.
    public int groups() {
        return compile().groupCount();
    }

    public Pattern compile() {
        return compile(text);
    }

    private static Pattern compile(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    Rules.quoted(text) + ": " + e.getDescription() + " (expected: a regular expression as RE2 takes)",
                    e);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
