package io.pm2j.proxy.forward;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.pm2j.proxy.admission.Pages;
import io.pm2j.proxy.admission.Verdict;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.http.Violation;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// An answer given here: the small ones are plain text, and say nothing of the inside.
///
/// @param extraLines fields of its head, each with its end
/// @param cause a word for the access log where the answer is not what was wanted, else empty
public record Answer(int status, String extraLines, String contentType, byte[] body, byte[] cause) {
    private static final byte[] NOTHING = {};
    private static final String PLAIN = "text/plain; charset=utf-8";

    static final Answer BAD_GATEWAY = text(
                    502, "Proxy-Status: pm2j; error=connection_terminated\r\n", "The application did not answer.")
            .because("bad_gateway");
    static final Answer REFUSED_CONNECTION = text(
                    502, "Proxy-Status: pm2j; error=connection_refused\r\n", "The application cannot be reached.")
            .because("refused_connection");
    static final Answer BAD_RESPONSE = text(
                    502, "Proxy-Status: pm2j; error=http_protocol_error\r\n", "The application's answer is not valid.")
            .because("bad_response");
    static final Answer NO_RESPONSE_IN_TIME = text(
                    504,
                    "Proxy-Status: pm2j; error=http_response_timeout\r\n",
                    "The application did not answer in time.")
            .because("no_response_in_time");
    static final Answer NO_CONNECTION_IN_TIME = text(
                    504,
                    "Proxy-Status: pm2j; error=connection_timeout\r\n",
                    "The application cannot be reached in time.")
            .because("no_connection_in_time");
    static final Answer NOT_FOUND = text(404, "", "Nothing is served here.");
    static final Answer BROKEN = text(500, "", "The request failed.").because("broken");

    // RFC 9110 §5.6.7, IMF-fixdate
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    static Answer unavailable(int retryAfterSeconds) {
        String line = "Retry-After: " + retryAfterSeconds + "\r\n";
        return text(503, line, "The application is not available at the moment.")
                .because("unavailable");
    }

    static String date() {
        return DATE.format(ZonedDateTime.now(ZoneOffset.UTC));
    }

    /// A sentence in plain text; none at all when it is empty.
    static Answer text(int status, String extraLines, String sentence) {
        return new Answer(status, extraLines, PLAIN, Tokens.ascii(sentence.isEmpty() ? "" : sentence + "\n"), NOTHING);
    }

    static Answer of(int status, String contentType, byte[] body) {
        return new Answer(status, "", contentType, body, NOTHING);
    }

    /// What admission says.
    static Answer of(Verdict.Answer said) {
        return new Answer(
                said.status(),
                said.lines(),
                said.contentType(),
                said.body(),
                Tokens.ascii(said.cause().word()));
    }

    /// The same with a page of the route's own in the place of its sentence, where there is one.
    Answer as(Pages pages) {
        Pages.Page page = pages.page(status);
        return page == null ? this : new Answer(status, extraLines, page.contentType(), page.body(), cause);
    }

    static Answer refusing(Violation why) {
        String allow =
                why == Violation.METHOD_NOT_ALLOWED ? "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH\r\n" : "";
        return text(why.status(), allow, why.sentence()).because(why.name().toLowerCase(Locale.ROOT));
    }

    Answer because(String word) {
        return new Answer(status, extraLines, contentType, body, Tokens.ascii(word));
    }

    /// The head, without the empty line that ends it.
    String head() {
        StringBuilder head = new StringBuilder(192)
                .append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(reason(status))
                .append("\r\nDate: ")
                .append(date())
                .append("\r\n");
        // RFC 9110 §8.6: no length where no content may be.
        if (status != 204 && status != 304) {
            if (body.length > 0 && !contentType.isEmpty()) {
                head.append("Content-Type: ").append(contentType).append("\r\n");
            }
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        return head.append(extraLines).toString();
    }

    static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 204 -> "No Content";
            case 206 -> "Partial Content";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 304 -> "Not Modified";
            case 307 -> "Temporary Redirect";
            case 308 -> "Permanent Redirect";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 412 -> "Precondition Failed";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 416 -> "Range Not Satisfiable";
            case 417 -> "Expectation Failed";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 505 -> "HTTP Version Not Supported";
            default -> HttpResponseStatus.valueOf(status).reasonPhrase();
        };
    }
}
