package io.pm2j.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/// One request: what it is, when it was due, and its bytes.
///
/// @param id unique among all runs
/// @param post POST, else GET
/// @param fresh asks for a connection of its own, closed after the answer
/// @param dueNanos when it should have been sent
record Call(String id, boolean post, boolean fresh, long dueNanos) {
    private static final byte[] FILLER = "x".repeat(256 * 1024).getBytes(US_ASCII);

    /// The request as sent. The id goes first into a POST's body, and into the query of a GET.
    byte[] bytes(LoadPlan plan, Random random) {
        String connection = fresh ? "Connection: close\r\n" : "";
        String authority = plan.url().getHost() + ":" + plan.port();
        if (!post) {
            return "GET %s?load=%s HTTP/1.1\r\nHost: %s\r\n%s\r\n"
                    .formatted(plan.path(), id, authority, connection)
                    .getBytes(US_ASCII);
        }
        byte[] start = (id + "\n").getBytes(US_ASCII);
        int filler = Math.min(FILLER.length, plan.postBytes() == 0 ? 0 : random.nextInt(plan.postBytes()));
        boolean chunked = random.nextInt(4) == 0;
        String framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + (start.length + filler);
        var out = new ByteArrayOutputStream(256 + filler);
        // What has come of it is compared with this by workers that care.
        out.writeBytes("POST %s?length=%d HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\n%s\r\n%s\r\n"
                .formatted(plan.path(), start.length + filler, authority, framing, connection)
                .getBytes(US_ASCII));
        chunk(out, start, start.length, chunked);
        if (filler > 0) {
            chunk(out, FILLER, filler, chunked);
        }
        if (chunked) {
            out.writeBytes("0\r\n\r\n".getBytes(US_ASCII));
        }
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, byte[] bytes, int length, boolean chunked) {
        if (chunked) {
            out.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(US_ASCII));
        }
        out.write(bytes, 0, length);
        if (chunked) {
            out.writeBytes("\r\n".getBytes(US_ASCII));
        }
    }
}
