package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;

/// Follows the frames of one direction of a WebSocket, so that one more can be put between two. RFC 6455 §5.2.
final class WebSocketFrames {
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int CLOSE = 0x88;

    /// How much of the frame's head has come; its second byte says how long it is.
    private int headSeen;

    private int headLength = 2;
    private int lengthEnd = 2;
    private long payload;
    private boolean closing;

    /// How far it is, for [#of].
    String text() {
        return headSeen + " " + headLength + " " + lengthEnd + " " + payload + " " + (closing ? 1 : 0);
    }

    /// One that goes on from where another was.
    static WebSocketFrames of(String text) {
        String[] words = text.split(" ", -1);
        WebSocketFrames frames = new WebSocketFrames();
        frames.headSeen = Integer.parseInt(words[0]);
        frames.headLength = Integer.parseInt(words[1]);
        frames.lengthEnd = Integer.parseInt(words[2]);
        frames.payload = Long.parseLong(words[3]);
        frames.closing = words[4].equals("1");
        return frames;
    }

    /// Moves past `[from, from + length)` of `bytes`.
    void pass(ByteBuf bytes, int from, int length) {
        int at = from;
        int end = from + length;
        while (at < end) {
            if (headSeen < headLength) {
                head(bytes.getUnsignedByte(at++));
            } else {
                long some = Math.min(payload, end - at);
                payload -= some;
                at += (int) some;
            }
            if (headSeen == headLength && payload == 0) {
                headSeen = 0;
                headLength = 2;
            }
        }
    }

    private void head(int octet) {
        headSeen++;
        if (headSeen == 1) {
            closing |= octet == CLOSE;
        } else if (headSeen == 2) {
            int length = octet & LENGTH;
            lengthEnd = 2 + (length == TWO_BYTES ? 2 : length == EIGHT_BYTES ? 8 : 0);
            headLength = lengthEnd + ((octet & MASKED) == 0 ? 0 : 4);
            payload = lengthEnd == 2 ? length : 0;
        } else if (headSeen <= lengthEnd) {
            payload = payload << 8 | octet;
        }
    }

    /// Whether a frame of ours may follow: nothing of another is under way, and no Close has been sent.
    boolean between() {
        return headSeen == 0 && !closing;
    }
}
