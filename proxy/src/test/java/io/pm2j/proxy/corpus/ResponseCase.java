package io.pm2j.proxy.corpus;

import io.pm2j.proxy.http.Violation;
import java.util.List;
import java.util.Optional;

/// One line of `corpus/responses/*.txt`: `outcome | section | name | bytes`; every body that is one is `abc`.
///
/// Outcomes: `502 VIOLATION`; `broken VIOLATION` after the head has been passed on; `cut` when the origin
/// ends the connection too early, `cut 502` before the end of the head; `pass`, perhaps `once` (that
/// connection is not used again) or `close` (the body ends with the connection).
public record ResponseCase(String id, String section, Outcome outcome, Optional<Violation> why, ByteText text) {
    public enum Outcome {
        PASS,
        PASS_ONCE,
        PASS_CLOSE,
        BAD,
        BROKEN,
        CUT,
        CUT_502;

        /// Whether the origin ends the connection after its bytes.
        public boolean ends() {
            return this == CUT || this == CUT_502 || this == PASS_CLOSE;
        }

        /// Whether another request may come on the same connection.
        public boolean reusable() {
            return this == PASS;
        }
    }

    public static List<ResponseCase> all() {
        return RequestCase.lines("responses").stream()
                .map(f -> {
                    String[] words = f[0].split(" ", 2);
                    Outcome outcome = switch (words[0]) {
                        case "pass" ->
                            words.length == 1
                                    ? Outcome.PASS
                                    : words[1].equals("once") ? Outcome.PASS_ONCE : Outcome.PASS_CLOSE;
                        case "502" -> Outcome.BAD;
                        case "broken" -> Outcome.BROKEN;
                        case "cut" -> words.length == 1 ? Outcome.CUT : Outcome.CUT_502;
                        default -> throw new IllegalArgumentException("outcome " + f[0]);
                    };
                    boolean named = outcome == Outcome.BAD || outcome == Outcome.BROKEN;
                    return new ResponseCase(
                            f[2],
                            f[1],
                            outcome,
                            named ? Optional.of(Violation.valueOf(words[1])) : Optional.empty(),
                            ByteText.of(f[3]));
                })
                .toList();
    }

    @Override
    public String toString() {
        return id + " (" + section + ")";
    }
}
