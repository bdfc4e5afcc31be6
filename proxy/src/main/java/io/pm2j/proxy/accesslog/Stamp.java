package io.pm2j.proxy.accesslog;

import java.nio.charset.StandardCharsets;

/// A time as text, in UTC: computed once a second, without allocating.
final class Stamp {
    private static final byte[] MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec".getBytes(StandardCharsets.US_ASCII);
    private static final long SECONDS_A_DAY = 86_400;

    private final byte[] combined = "[00/Jan/0000:00:00:00 +0000]".getBytes(StandardCharsets.US_ASCII);
    private final byte[] iso = "0000-00-00T00:00:00".getBytes(StandardCharsets.US_ASCII);
    private long second = Long.MIN_VALUE;

    /// `[21/Nov/2026:10:00:00 +0000]`.
    void combined(long epochMillis, Block out) {
        at(Math.floorDiv(epochMillis, 1_000));
        out.put(combined);
    }

    /// `2026-11-21T10:00:00.123Z` (RFC 3339).
    void iso(long epochMillis, Block out) {
        at(Math.floorDiv(epochMillis, 1_000));
        out.put(iso);
        int millis = Math.floorMod(epochMillis, 1_000);
        out.put('.');
        out.put('0' + millis / 100);
        out.put('0' + millis / 10 % 10);
        out.put('0' + millis % 10);
        out.put('Z');
    }

    private void at(long wanted) {
        if (wanted != second) {
            second = wanted;
            day(Math.floorDiv(wanted, SECONDS_A_DAY));
            time((int) Math.floorMod(wanted, SECONDS_A_DAY));
        }
    }

    private void time(int ofDay) {
        two(ofDay / 3_600, 13, 11);
        two(ofDay / 60 % 60, 16, 14);
        two(ofDay % 60, 19, 17);
    }

    /// Counts from 1 March of the year 0, so that a leap day is a year's last, and every five
    /// months have 153 days.
    private void day(long epochDay) {
        long days = epochDay + 719_468;
        long era = Math.floorDiv(days, 146_097);
        int ofEra = Math.floorMod(days, 146_097);
        int yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365;
        int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int fromMarch = (5 * ofYear + 2) / 153;
        int day = ofYear - (153 * fromMarch + 2) / 5 + 1;
        int month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        int year = (int) (yearOfEra + era * 400 + (month <= 2 ? 1 : 0));
        two(year / 100, 8, 0);
        two(year % 100, 10, 2);
        two(month, -1, 5);
        two(day, 1, 8);
        System.arraycopy(MONTHS, 3 * (month - 1), combined, 4, 3);
    }

    private void two(int value, int inCombined, int inIso) {
        byte tens = (byte) ('0' + value / 10);
        byte ones = (byte) ('0' + value % 10);
        if (inCombined >= 0) {
            combined[inCombined] = tens;
            combined[inCombined + 1] = ones;
        }
        iso[inIso] = tens;
        iso[inIso + 1] = ones;
    }
}
