package io.pm2j.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/// Reads the head of a response that the edge has written as HTTP/1.1, for a client of HTTP/2 (RFC 9113 §8.3.2).
public final class ResponseHeads {
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final int STATUS_LENGTH = 3;

    /// A head for HTTP/2.
    ///
    /// @param chunked whether the body that follows is cut into chunks
    /// @param interim whether another head follows
    public record Head(Http2Headers fields, boolean chunked, boolean interim) {}

    private ResponseHeads() {}

    /// Takes a whole head, which is valid, out of `in`.
    ///
    /// @throws IllegalArgumentException when there is no whole head
    public static Head read(ByteBuf in) {
        int line = lineEnd(in, in.readerIndex());
        AsciiString status = text(in, in.readerIndex() + STATUS_AT, in.readerIndex() + STATUS_AT + STATUS_LENGTH);
        // What is read has been judged before.
        Http2Headers fields = new DefaultHttp2Headers(false).status(status);
        boolean chunked = false;
        int start = line + 2;
        for (int end = lineEnd(in, start); end > start; end = lineEnd(in, start)) {
            int colon = in.indexOf(start, end, (byte) ':');
            AsciiString name = text(in, start, colon).toLowerCase();
            switch (name.toString()) {
                case "transfer-encoding" -> chunked = true;
                // RFC 9113 §8.2.2: what concerns one connection of HTTP/1.1.
                case "connection", "keep-alive", "proxy-connection", "upgrade" -> {}
                default -> fields.add(name, value(in, colon + 1, end));
            }
            start = end + 2;
        }
        in.readerIndex(start + 2);
        return new Head(fields, chunked, status.byteAt(0) == '1');
    }

    private static int lineEnd(ByteBuf in, int from) {
        int end = in.indexOf(from, in.writerIndex(), (byte) '\r');
        if (end < 0 || end + 1 >= in.writerIndex()) {
            throw new IllegalArgumentException("no whole head");
        }
        return end;
    }

    private static AsciiString value(ByteBuf in, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && isBlank(in.getByte(start))) {
            start++;
        }
        while (end > start && isBlank(in.getByte(end - 1))) {
            end--;
        }
        return text(in, start, end);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static AsciiString text(ByteBuf in, int from, int to) {
        byte[] bytes = new byte[to - from];
        in.getBytes(from, bytes);
        return new AsciiString(bytes, false);
    }
}
