package io.pm2j.proxy.files;

import io.pm2j.proxy.files.Resource.Stored;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A decided answer whose file bytes are not fetched yet.
///
/// @param from the form the slices are cut from, null when there are none
record Plan(
        int status,
        List<Map.Entry<String, String>> headers,
        @Nullable Stored from,
        List<Piece> pieces) {
    Plan {
        headers = List.copyOf(headers);
        pieces = List.copyOf(pieces);
    }

    /// Whether the answer needs an open file.
    boolean needsFile() {
        return from != null && from.content() == null && pieces.stream().anyMatch(p -> p instanceof Piece.Slice);
    }

    /// A part of the body.
    sealed interface Piece {
        @SuppressWarnings("ArrayRecordComponent")
        record Literal(byte[] bytes) implements Piece {}

        record Slice(long offset, long length) implements Piece {}
    }
}
