package io.pm2j.bench.load;

/// One request that did not get its answer.
///
/// @param kind what went wrong
/// @param post whether it was a POST
/// @param id its id
/// @param status the status of the answer, 0 when there was none
/// @param detail one line for a person
/// @param atMillis when it was noticed, since the start of the run
public record Failure(Kind kind, boolean post, String id, int status, String detail, long atMillis) {
    /// What went wrong with a request.
    public enum Kind {
        /// Nobody listened.
        REFUSED,
        /// The connection broke before or inside the answer.
        RESET,
        /// A kept-alive connection was closed under the request, before any byte of an answer.
        STALE,
        /// The connection ended cleanly before the answer was whole.
        TRUNCATED,
        /// No whole answer in time.
        TIMEOUT,
        /// A whole answer with a status other than 2xx.
        STATUS,
        /// A 2xx without the request's id in its body.
        WRONG_BODY,
        /// Not HTTP/1.1, or bytes that nobody asked for.
        MALFORMED
    }

    @Override
    public String toString() {
        return "%s %s %s at %d ms: %s".formatted(post ? "POST" : "GET", id, kind, atMillis, detail);
    }
}
