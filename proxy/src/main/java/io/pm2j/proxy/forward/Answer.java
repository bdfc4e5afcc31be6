package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.pm2j.proxy.http.Tokens;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// The small answers given here: plain text, nothing of the inside.
record Answer(int status, String extraLines, String sentence) {
    static final Answer BAD_GATEWAY =
            new Answer(502, "Proxy-Status: pm2j; error=connection_terminated\r\n", "The application did not answer.");
    static final Answer REFUSED_CONNECTION =
            new Answer(502, "Proxy-Status: pm2j; error=connection_refused\r\n", "The application cannot be reached.");
    static final Answer BAD_RESPONSE = new Answer(
            502, "Proxy-Status: pm2j; error=http_protocol_error\r\n", "The application's answer is not valid.");
    static final Answer NO_RESPONSE_IN_TIME = new Answer(
            504, "Proxy-Status: pm2j; error=http_response_timeout\r\n", "The application did not answer in time.");
    static final Answer NO_CONNECTION_IN_TIME = new Answer(
            504, "Proxy-Status: pm2j; error=connection_timeout\r\n", "The application cannot be reached in time.");
    static final Answer BROKEN = new Answer(500, "", "The request failed.");

    // RFC 9110 §5.6.7, IMF-fixdate
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    static Answer unavailable(int retryAfterSeconds) {
        String line = "Retry-After: " + retryAfterSeconds + "\r\n";
        return new Answer(503, line, "The application is not available at the moment.");
    }

    static String date() {
        return DATE.format(ZonedDateTime.now(ZoneOffset.UTC));
    }

    void write(ByteBuf out, boolean close, boolean withBody) {
        String body = sentence + "\n";
        String head = "HTTP/1.1 " + status + " " + reason(status) + "\r\nDate: " + date()
                + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + body.length() + "\r\n"
                + extraLines
                + (close ? "Connection: close\r\n\r\n" : "\r\n");
        out.writeBytes(Tokens.ascii(head));
        if (withBody) {
            out.writeBytes(Tokens.ascii(body));
        }
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
            default -> "Status";
        };
    }
}
