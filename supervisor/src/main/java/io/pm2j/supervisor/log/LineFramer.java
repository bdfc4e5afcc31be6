package io.pm2j.supervisor.log;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// Cuts a stream of bytes into runs of whole lines and carries what follows the last line break
/// to the next block, so that streams which share a file are never glued together. Bytes are not
/// decoded.
///
/// A line longer than [#LONGEST_BYTES] is cut, between two characters of UTF-8, and a line break
/// is added: a program without line breaks cannot fill the memory. Where it is cut does not
/// depend on how the bytes arrived. Confined to one thread.
final class LineFramer {
    static final int LONGEST_BYTES = 64 * 1024;

    private static final byte[] NOTHING = {};

    private byte[] rest = NOTHING;

    LineFramer() {}

    /// One that goes on where another was, which carried `rest`.
    LineFramer(byte[] rest) {
        this.rest = rest.length == 0 ? NOTHING : rest.clone();
    }

    /// A copy of the bytes that are carried.
    byte[] rest() {
        return rest.clone();
    }

    /// How many bytes are carried.
    int carried() {
        return rest.length;
    }

    /// Puts the carried bytes in front of the block that is read next.
    void begin(ByteBuffer block) {
        block.clear().put(rest);
    }

    /// Passes on the whole lines of `block`, which [#begin] began and which ends at its limit. A
    /// run is valid during the call alone.
    void frame(ByteBuffer block, Consumer<ByteBuffer> runs) {
        int end = block.limit();
        int run = 0;
        int line = 0;
        int unseen = rest.length;
        while (true) {
            int window = Math.min(line + LONGEST_BYTES + 1, end);
            int lineBreak = Lines.last(block, Math.max(line, unseen), window);
            if (lineBreak >= 0) {
                line = lineBreak + 1;
            } else if (end - line > LONGEST_BYTES) {
                int cut = characterStart(block, line + LONGEST_BYTES);
                pass(block, run, line, runs);
                runs.accept(broken(block, line, cut));
                line = cut;
                run = cut;
            } else {
                break;
            }
        }
        pass(block, run, line, runs);
        rest = line == end ? NOTHING : new byte[end - line];
        block.get(line, rest);
    }

    /// Passes on what came after the last line break, with a line break.
    void end(Consumer<ByteBuffer> runs) {
        if (rest.length > 0) {
            ByteBuffer last = broken(ByteBuffer.wrap(rest), 0, rest.length);
            rest = NOTHING;
            runs.accept(last);
        }
    }

    private static void pass(ByteBuffer block, int from, int to, Consumer<ByteBuffer> runs) {
        if (to > from) {
            runs.accept(block.slice(from, to - from));
        }
    }

    private static ByteBuffer broken(ByteBuffer block, int from, int to) {
        ByteBuffer piece = ByteBuffer.allocate(to - from + 1);
        piece.put(0, block, from, to - from);
        piece.put(to - from, Lines.BREAK);
        return piece;
    }

    /// Steps back over at most three continuation bytes, as a character of UTF-8 has no more.
    private static int characterStart(ByteBuffer block, int at) {
        for (int start = at; start > at - 4; start--) {
            if ((block.get(start) & 0xC0) != 0x80) {
                return start;
            }
        }
        return at;
    }
}
