package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where one frame of a WebSocket ends and the next may begin.
final class WebSocketFramesTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536, 200_000})
    void knowsTheEndOfAFrameOfAnyLengthHoweverItIsCut(int payload) {
        for (boolean masked : new boolean[] {false, true}) {
            ByteBuf frame = frame(0x82, payload, masked);
            int whole = frame.readableBytes();
            for (int cut : new int[] {1, 2, 3, whole - 1}) {
                WebSocketFrames frames = new WebSocketFrames();
                if (cut < whole) {
                    frames.pass(frame, 0, cut);
                    assertThat(frames.between()).as("%s of %s", cut, whole).isFalse();
                    frames.pass(frame, cut, whole - cut);
                }
                assertThat(frames.between()).as("%s of %s", cut, whole).isTrue();
            }
        }
    }

    @Test
    void knowsWhenSeveralFramesComeTogether() {
        WebSocketFrames frames = new WebSocketFrames();
        ByteBuf three = Unpooled.wrappedBuffer(frame(0x81, 3, true), frame(0x89, 0, true), frame(0x81, 300, true));
        frames.pass(three, 0, three.readableBytes());
        assertThat(frames.between()).isTrue();
        frames.pass(three, 0, three.readableBytes() - 1);
        assertThat(frames.between()).isFalse();
    }

    @Test
    void allowsNothingAfterAClose() {
        WebSocketFrames frames = new WebSocketFrames();
        ByteBuf close = frame(0x88, 2, false);
        frames.pass(close, 0, close.readableBytes());
        assertThat(frames.between()).isFalse();
    }

    private static ByteBuf frame(int first, int payload, boolean masked) {
        ByteBuf frame = Unpooled.buffer().writeByte(first);
        int mask = masked ? 0x80 : 0;
        if (payload < 126) {
            frame.writeByte(mask | payload);
        } else if (payload < 65_536) {
            frame.writeByte(mask | 126).writeShort(payload);
        } else {
            frame.writeByte(mask | 127).writeLong(payload);
        }
        return frame.writeZero((masked ? 4 : 0) + payload);
    }
}
