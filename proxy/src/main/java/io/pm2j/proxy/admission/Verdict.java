package io.pm2j.proxy.admission;

import java.util.concurrent.CompletionStage;

/// What becomes of a request that arrived.
///
/// Lines are whole header lines, each with its CRLF; every character is one octet (ISO-8859-1).
public sealed interface Verdict {
    /// It comes in.
    ///
    /// @param requestLines go on with it, after those of [Admission#droppedFromRequest] are gone
    /// @param responseLines for the answer, where [Admission#droppedFromResponse] are gone
    /// @param user who proved to be whom; empty when nobody had to
    /// @param requestId empty when the route gives none
    /// @param ticket to be left when the exchange ends, however it ends
    record Pass(String requestLines, String responseLines, String user, String requestId, Ticket ticket)
            implements Verdict {
        static final Pass PLAIN = new Pass("", "", "", "", Ticket.NONE);
    }

    /// The edge says this instead. There is nothing to leave.
    ///
    /// @param lines beside those of date, type, length and connection
    /// @param contentType empty when there is no body
    /// @param body not to be written to; left out in the answer to a HEAD
    record Answer(int status, String lines, String contentType, byte[] body, Cause cause, String requestId)
            implements Verdict {
        Answer with(String more, String id) {
            return more.isEmpty() && id.isEmpty()
                    ? this
                    : new Answer(status, lines + more, contentType, body, cause, id);
        }
    }

    /// It takes a while. `later` always completes, in bounded time, on some other thread, never
    /// with an exception and never with another `Ask`. Whoever has lost the client meanwhile has
    /// to leave the ticket of a [Pass] all the same.
    record Ask(CompletionStage<Verdict> later) implements Verdict {}
}
