package io.pm2j.proxy.forward;

import io.pm2j.proxy.http.ResponseHead;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.route.Facts;
import java.util.Arrays;

/// What becomes of the head of one response: known when its request is at hand, applied when it comes.
final class ResponseEdits {
    private static final byte[] NOTHING = {};

    private HeadRules rules = HeadRules.NONE;
    private byte[] lines = NOTHING;

    /// The response goes as it comes.
    void none() {
        rules = HeadRules.NONE;
        lines = NOTHING;
    }

    void begin(HeadRules theRules, Facts asked) {
        rules = theRules;
        lines = theRules.none() ? NOTHING : theRules.lines(asked);
    }

    /// More lines, each with its end.
    void add(String more) {
        if (!more.isEmpty()) {
            byte[] added = Tokens.ascii(more);
            byte[] all = Arrays.copyOf(lines, lines.length + added.length);
            System.arraycopy(added, 0, all, lines.length, added.length);
            lines = all;
        }
    }

    boolean any() {
        return !rules.none() || lines.length > 0;
    }

    /// Marks the lines to be taken out.
    void drop(byte[] b, ResponseHead head) {
        rules.drop(b, head);
    }

    boolean drops(String name) {
        return rules.drops(name);
    }

    /// The lines that come in.
    byte[] lines() {
        return lines;
    }
}
