package io.pm2j.bench.handover;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// One thing that is handed over: a descriptor, with what must be known of it. One line of text: beside the
/// descriptor's number in a file for `execve`, beside the descriptor itself in a datagram for a successor.
///
/// @param descriptor in the process that made the item; -1 when there is none
/// @param note of a connection: what came of a request that is not whole, in Base64; of a worker: its identity
record Item(Kind kind, int descriptor, String note) {
    enum Kind {
        LISTENER,
        CONNECTION,
        WORKER,
        LOCK,
        /// When the former one came to rest, and the processor time it had had.
        SINCE,
        /// Nothing follows.
        END
    }

    static Item connection(int descriptor, byte[] begun) {
        return new Item(Kind.CONNECTION, descriptor, Base64.getEncoder().encodeToString(begun));
    }

    byte[] begun() {
        return Base64.getDecoder().decode(note);
    }

    /// The same, by another descriptor.
    Item at(int other) {
        return new Item(kind, other, note);
    }

    String text() {
        return kind + " " + descriptor + " " + note;
    }

    static Item of(String text) {
        String[] words = text.split(" ", 3);
        return new Item(Kind.valueOf(words[0]), Integer.parseInt(words[1]), words[2]);
    }

    /// As it came in a datagram.
    static Item of(byte[] text, List<Integer> descriptors) {
        Item item = of(new String(text, StandardCharsets.US_ASCII));
        return item.at(descriptors.isEmpty() ? -1 : descriptors.getFirst());
    }
}
