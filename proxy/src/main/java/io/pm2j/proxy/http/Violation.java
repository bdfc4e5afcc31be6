package io.pm2j.proxy.http;

/// Why a message was refused: the status to answer with, the RFC section it breaks, and a sentence.
///
/// Request-side violations are answered and the connection closed; response-side ones become a 502.
public enum Violation {
    BAD_METHOD(400, "RFC 9110 9.1", "The method is not a token."),
    BAD_TARGET(400, "RFC 9112 3.2", "The request target is not valid."),
    FRAGMENT(400, "RFC 9112 3.2", "The request target holds a fragment."),
    BAD_REQUEST_LINE(400, "RFC 9112 3", "The request line is not valid."),
    BAD_VERSION(505, "RFC 9110 2.5", "Only HTTP/1.1 and HTTP/1.0 are spoken here."),
    TARGET_TOO_LONG(414, "RFC 9110 15.5.15", "The request line is too long."),
    HEAD_TOO_LARGE(431, "RFC 6585 5", "The header block is too large."),
    TOO_MANY_FIELDS(431, "RFC 6585 5", "There are too many header fields."),
    METHOD_NOT_ALLOWED(405, "RFC 9110 9.3", "CONNECT and TRACE are not allowed."),
    BARE_LINE_END(400, "RFC 9112 2.2", "A line ends in a bare CR or LF."),
    FOLDED_LINE(400, "RFC 9112 5.2", "A header field is folded over lines."),
    BAD_FIELD_NAME(400, "RFC 9112 5.1", "A header field name is not valid."),
    BAD_FIELD_VALUE(400, "RFC 9110 5.5", "A header field value holds a control character."),
    BAD_CONTENT_LENGTH(400, "RFC 9112 6.3", "The content length is not valid."),
    REPEATED_CONTENT_LENGTH(400, "RFC 9112 6.3", "The content length is given more than once."),
    LENGTH_AND_ENCODING(400, "RFC 9112 6.3", "Both a content length and a transfer encoding are given."),
    BAD_TRANSFER_ENCODING(400, "RFC 9112 6.1", "The transfer encoding is not exactly chunked."),
    ENCODING_IN_HTTP_10(400, "RFC 9112 6.1", "HTTP/1.0 has no transfer encoding."),
    NO_HOST(400, "RFC 9112 3.2", "The host is missing."),
    REPEATED_HOST(400, "RFC 9112 3.2", "The host is given more than once."),
    BAD_HOST(400, "RFC 9110 7.2", "The host is not valid."),
    NOT_TLS(400, "RFC 9110 4.2.2", "Plain text was sent where TLS is spoken: use https."),
    MISDIRECTED(421, "RFC 9110 7.4", "The host is served with another certificate than the one asked for."),
    MALFORMED_STREAM(400, "RFC 9113 8.1.1", "The request of an HTTP/2 stream is not valid."),
    BAD_FRAMES(400, "RFC 9113 5.4.1", "The frames of an HTTP/2 connection are not valid."),
    TOO_MUCH_ADO(400, "RFC 9113 10.5", "Streams are reset too often, or frames sent that ask for nothing."),
    UNKNOWN_EXPECTATION(417, "RFC 9110 10.1.1", "The expectation is not known."),
    BAD_CHUNK_SIZE(400, "RFC 9112 7.1", "A chunk size is not valid."),
    CHUNK_EXTENSION(400, "RFC 9112 7.1.1", "A chunk extension is not valid or too long."),
    BAD_CHUNK_END(400, "RFC 9112 7.1", "A chunk does not end in CRLF."),
    BAD_TRAILER(400, "RFC 9112 7.1.2", "The trailer section is not valid."),
    NOT_A_PATH(400, "RFC 9112 3.2", "The path has a character that must be percent-encoded, or no slash first."),
    BAD_PATH_ENCODING(400, "RFC 3986 2.1", "The path has a bad percent-encoding."),
    DOT_SEGMENT(400, "RFC 3986 5.2.4", "The path has a dot segment."),
    AMBIGUOUS_PATH(400, "RFC 3986 2.2", "The path can be read in two ways that lead to different places."),
    BODY_TOO_LARGE(413, "RFC 9110 15.5.14", "The body is too large."),
    HEAD_TIMEOUT(408, "RFC 9110 15.5.9", "The request did not arrive in time."),
    BODY_TIMEOUT(408, "RFC 9110 15.5.9", "The request body came too slowly."),
    BAD_STATUS_LINE(502, "RFC 9112 4", "The status line is not valid."),
    BODY_NOT_ALLOWED(502, "RFC 9112 6.3", "A body is announced where none may be."),
    UNASKED_SWITCH(502, "RFC 9110 15.2.2", "The protocol was switched without being asked."),
    TOO_MANY_INTERIM(502, "RFC 9110 15.2", "There are too many interim responses.");

    private final int status;
    private final String rfcSection;
    private final String sentence;

    Violation(int status, String rfcSection, String sentence) {
        this.status = status;
        this.rfcSection = rfcSection;
        this.sentence = sentence;
    }

    public int status() {
        return status;
    }

    public String rfcSection() {
        return rfcSection;
    }

    public String sentence() {
        return sentence;
    }
}
