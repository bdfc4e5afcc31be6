package io.pm2j.proxy.files;

import io.pm2j.proxy.files.Plan.Piece;
import io.pm2j.proxy.files.Ranges.Span;
import io.pm2j.proxy.files.Resource.Stored;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// From a found file and a request to an answer: which form, under which conditions, which bytes. Pure.
final class Representing {
    private Representing() {}

    /// @param vary what the choice of this file itself depended on, such as `Accept`, or empty
    /// @param boundary separates the parts of a multipart answer; must be hard to guess
    static Plan represent(SiteRequest request, Resource resource, String vary, Instant now, String boundary) {
        String range = request.method().equals("GET") ? request.header("range") : null;
        Stored stored = range == null ? negotiate(request, resource) : resource.identity();
        Instant modified = stored.facts().modified();
        // §8.8.2.1: never later than the message itself.
        Instant stated = modified.isAfter(now) ? now : modified;
        long seconds = stated.getEpochSecond();
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("ETag", stored.etag()));
        headers.add(Map.entry("Cache-Control", CachePolicy.of(resource.segments(), resource.mediaType())));
        vary(headers, resource, vary);
        switch (Preconditions.judge(request, stored.etag(), seconds)) {
            case NOT_MODIFIED -> {
                return new Plan(304, headers, null, List.of());
            }
            case FAILED -> {
                return Refusals.text(412, "Precondition Failed", List.of());
            }
            case PROCEED -> {}
        }
        headers.add(Map.entry("Last-Modified", HttpDate.write(stated)));
        headers.add(Map.entry("X-Content-Type-Options", "nosniff"));
        if (stored.coding() == Coding.IDENTITY) {
            headers.add(Map.entry("Accept-Ranges", "bytes"));
        } else {
            headers.add(Map.entry("Content-Encoding", stored.coding().token()));
        }
        Ranges ranges = range == null || !Preconditions.rangeHolds(request, stored.etag(), seconds)
                ? new Ranges.Whole()
                : Ranges.parse(range, stored.facts().size());
        return switch (ranges) {
            case Ranges.Whole() -> whole(stored, resource.mediaType(), headers);
            case Ranges.Unsatisfiable() ->
                Refusals.text(
                        416,
                        "Range Not Satisfiable",
                        List.of(Map.entry(
                                "Content-Range", "bytes */" + stored.facts().size())));
            case Ranges.Some(List<Span> spans)
            when spans.size() == 1 -> single(stored, resource.mediaType(), headers, spans.getFirst());
            case Ranges.Some(List<Span> spans) -> multiple(stored, resource.mediaType(), headers, spans, boundary);
        };
    }

    private static Stored negotiate(SiteRequest request, Resource resource) {
        List<Coding> available =
                resource.sidecars().stream().map(Stored::coding).toList();
        return resource.stored(AcceptEncoding.choose(request.header("accept-encoding"), available));
    }

    /// Stated even while no sidecar is there: one may come, and caches keep what they were told.
    private static void vary(List<Map.Entry<String, String>> headers, Resource resource, String chosenBy) {
        boolean encodings = MediaTypes.compressible(resource.mediaType());
        if (encodings || !chosenBy.isEmpty()) {
            String separator = encodings && !chosenBy.isEmpty() ? ", " : "";
            headers.add(Map.entry("Vary", chosenBy + separator + (encodings ? "Accept-Encoding" : "")));
        }
    }

    private static Plan whole(Stored stored, String mediaType, List<Map.Entry<String, String>> headers) {
        long size = stored.facts().size();
        headers.add(Map.entry("Content-Type", mediaType));
        headers.add(Map.entry("Content-Length", Long.toString(size)));
        return new Plan(200, headers, stored, List.of(new Piece.Slice(0, size)));
    }

    private static Plan single(Stored stored, String mediaType, List<Map.Entry<String, String>> headers, Span span) {
        headers.add(Map.entry("Content-Type", mediaType));
        headers.add(Map.entry("Content-Range", span.contentRange(stored.facts().size())));
        headers.add(Map.entry("Content-Length", Long.toString(span.length())));
        return new Plan(206, headers, stored, List.of(new Piece.Slice(span.first(), span.length())));
    }

    private static Plan multiple(
            Stored stored,
            String mediaType,
            List<Map.Entry<String, String>> headers,
            List<Span> spans,
            String boundary) {
        List<Piece> pieces = new ArrayList<>();
        long length = 0;
        for (Span span : spans) {
            byte[] head = ("\r\n--" + boundary + "\r\nContent-Type: " + mediaType + "\r\nContent-Range: "
                            + span.contentRange(stored.facts().size()) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            pieces.add(new Piece.Literal(head));
            pieces.add(new Piece.Slice(span.first(), span.length()));
            length += head.length + span.length();
        }
        byte[] tail = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
        pieces.add(new Piece.Literal(tail));
        headers.add(Map.entry("Content-Type", "multipart/byteranges; boundary=" + boundary));
        headers.add(Map.entry("Content-Length", Long.toString(length + tail.length)));
        return new Plan(206, headers, stored, pieces);
    }
}
