package io.pm2j.proxy.forward;

import java.util.concurrent.locks.LockSupport;

/// What a [FaultyLink] does to the bytes of one direction.
sealed interface Toxic {
    Toxic NONE = new Late(0);

    /// Every piece comes later.
    record Late(int millis) implements Toxic {}

    /// Pieces of so many bytes, each by itself on the wire.
    record Sliced(int bytes) implements Toxic {}

    record Narrow(int bytesPerSecond) implements Toxic {}

    /// Nothing more after so many bytes, and nothing more is taken.
    record Stalled(long at) implements Toxic {}

    /// Both sides are reset after so many bytes.
    record Reset(long at) implements Toxic {}

    /// FIN after so many bytes; what comes then is thrown away.
    record Ended(long at) implements Toxic {}

    /// How many bytes of a piece of `length` go on as one, after `passed` bytes; 0 when this is the place
    /// where it strikes.
    default int next(long passed, int length) {
        return switch (this) {
            case Late _ -> length;
            case Sliced(int bytes) -> Math.min(bytes, length);
            case Narrow(int bytesPerSecond) -> Math.min(Math.max(1, bytesPerSecond / 50), length);
            case Stalled(long at) -> (int) Math.min(at - passed, length);
            case Reset(long at) -> (int) Math.min(at - passed, length);
            case Ended(long at) -> (int) Math.min(at - passed, length);
        };
    }

    /// The time that `length` bytes take.
    default void delay(int length) {
        switch (this) {
            case Late(int millis) when millis > 0 -> LockSupport.parkNanos(millis * 1_000_000L);
            case Narrow(int bytesPerSecond) -> LockSupport.parkNanos(length * 1_000_000_000L / bytesPerSecond);
            case Late _, Sliced _, Stalled _, Reset _, Ended _ -> {}
        }
    }
}
