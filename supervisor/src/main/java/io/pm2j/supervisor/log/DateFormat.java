package io.pm2j.supervisor.log;

import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How the time of a line is written, in the tokens that PM2 users write:
/// `YYYY-MM-DD HH:mm:ss Z`.
///
/// What is no token stands for itself, and so does everything in `[brackets]`. Names of months
/// and days are English whatever the locale: a log is read by programs.
public final class DateFormat {
    private final List<Part> parts;

    private DateFormat(List<Part> parts) {
        this.parts = parts;
    }

    /// Reads a pattern; every text is one.
    public static DateFormat of(String pattern) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < pattern.length()) {
            int close = pattern.charAt(at) == '[' ? pattern.indexOf(']', at) : -1;
            Optional<Token> token = Token.at(pattern, at);
            if (close > 0) {
                parts.add(literal(pattern.substring(at + 1, close)));
                at = close + 1;
            } else if (token.isPresent()) {
                parts.add(token.get().part);
                at += token.get().text.length();
            } else {
                parts.add(literal(pattern.substring(at, at + 1)));
                at++;
            }
        }
        return new DateFormat(List.copyOf(parts));
    }

    /// The time `at`, written.
    public String text(ZonedDateTime at) {
        StringBuilder text = new StringBuilder(32);
        for (Part part : parts) {
            part.write(at, text);
        }
        return text.toString();
    }

    private static Part literal(String text) {
        return (_, to) -> to.append(text);
    }

    @FunctionalInterface
    private interface Part {
        void write(ZonedDateTime at, StringBuilder to);
    }

    /// Longer tokens stand before their beginnings: the first that fits is taken.
    private enum Token {
        YEAR("YYYY", (at, to) -> number(to, at.getYear(), 4)),
        YEAR_OF_CENTURY("YY", (at, to) -> number(to, at.getYear() % 100, 2)),
        MONTH_NAME("MMMM", (at, to) -> to.append(english(at.getMonth()))),
        MONTH_SHORT("MMM", (at, to) -> to.append(english(at.getMonth()), 0, 3)),
        MONTH_2("MM", (at, to) -> number(to, at.getMonthValue(), 2)),
        MONTH("M", (at, to) -> to.append(at.getMonthValue())),
        DAY_2("DD", (at, to) -> number(to, at.getDayOfMonth(), 2)),
        DAY("D", (at, to) -> to.append(at.getDayOfMonth())),
        WEEKDAY_NAME("dddd", (at, to) -> to.append(english(at.getDayOfWeek()))),
        WEEKDAY_SHORT("ddd", (at, to) -> to.append(english(at.getDayOfWeek()), 0, 3)),
        WEEKDAY_SHORTEST("dd", (at, to) -> to.append(english(at.getDayOfWeek()), 0, 2)),
        WEEKDAY_FROM_SUNDAY("d", (at, to) -> to.append(at.getDayOfWeek().getValue() % 7)),
        HOUR_2("HH", (at, to) -> number(to, at.getHour(), 2)),
        HOUR("H", (at, to) -> to.append(at.getHour())),
        HOUR_OF_12_2("hh", (at, to) -> number(to, hourOf12(at), 2)),
        HOUR_OF_12("h", (at, to) -> to.append(hourOf12(at))),
        NOON_UPPER("A", (at, to) -> to.append(at.getHour() < 12 ? "AM" : "PM")),
        NOON_LOWER("a", (at, to) -> to.append(at.getHour() < 12 ? "am" : "pm")),
        MINUTE_2("mm", (at, to) -> number(to, at.getMinute(), 2)),
        MINUTE("m", (at, to) -> to.append(at.getMinute())),
        SECOND_2("ss", (at, to) -> number(to, at.getSecond(), 2)),
        SECOND("s", (at, to) -> to.append(at.getSecond())),
        THOUSANDTHS("SSS", (at, to) -> number(to, millis(at), 3)),
        HUNDREDTHS("SS", (at, to) -> number(to, millis(at) / 10, 2)),
        TENTHS("S", (at, to) -> to.append(millis(at) / 100)),
        OFFSET_PLAIN("ZZ", (at, to) -> offset(at, to, "")),
        OFFSET("Z", (at, to) -> offset(at, to, ":")),
        EPOCH_SECONDS("X", (at, to) -> to.append(at.toEpochSecond())),
        EPOCH_MILLIS("x", (at, to) -> to.append(at.toInstant().toEpochMilli()));

        private final String text;
        private final Part part;

        Token(String text, Part part) {
            this.text = text;
            this.part = part;
        }

        static Optional<Token> at(String pattern, int at) {
            for (Token token : values()) {
                if (pattern.startsWith(token.text, at)) {
                    return Optional.of(token);
                }
            }
            return Optional.empty();
        }
    }

    private static void number(StringBuilder to, int value, int digits) {
        String text = Integer.toString(value);
        to.repeat('0', Math.max(0, digits - text.length())).append(text);
    }

    private static String english(Enum<?> named) {
        return named.name().charAt(0) + named.name().substring(1).toLowerCase(Locale.ROOT);
    }

    private static int hourOf12(ZonedDateTime at) {
        return (at.getHour() + 11) % 12 + 1;
    }

    private static int millis(ZonedDateTime at) {
        return at.getNano() / 1_000_000;
    }

    private static void offset(ZonedDateTime at, StringBuilder to, String between) {
        int minutes = at.getOffset().getTotalSeconds() / 60;
        to.append(minutes < 0 ? '-' : '+');
        number(to, Math.abs(minutes) / 60, 2);
        to.append(between);
        number(to, Math.abs(minutes) % 60, 2);
    }
}
