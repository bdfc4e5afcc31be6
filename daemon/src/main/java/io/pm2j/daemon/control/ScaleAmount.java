package io.pm2j.daemon.control;

import java.util.OptionalInt;

/// The number that `scale` means: `4`, `+2` or `-1`. Pure. PM2 takes `-1` for an option; it is a number here.
final class ScaleAmount {
    private static final int MOST = 10_000;

    private ScaleAmount() {}

    /// The wanted number of instances, or empty when `amount` is none, or is less than one in all.
    static OptionalInt resolve(String amount, int present) {
        if (!amount.matches("[+-]?\\d{1,5}")) {
            return OptionalInt.empty();
        }
        int number = Integer.parseInt(amount);
        boolean relative = amount.startsWith("+") || amount.startsWith("-");
        int wanted = relative ? present + number : number;
        return wanted >= 1 && wanted <= MOST ? OptionalInt.of(wanted) : OptionalInt.empty();
    }
}
