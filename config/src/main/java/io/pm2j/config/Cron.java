package io.pm2j.config;

import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// When something is due, as cron says it: five fields, six with the seconds first, seven with the
/// year last, or a nickname such as `@daily`. Months and days may be named, Sunday is 0 and 7, and
/// when both the day of the month and the day of the week are limited, either is enough. Two are
/// the same when their texts are.
///
/// What is due in an hour that is left out, as clocks go forward, comes as much later as the clock
/// was moved. What is due in one that comes twice is due in the first of them, and in both if the
/// hour field begins with `*`.
public final class Cron {
    private static final int HOUR = 2;
    private static final int DAY_OF_MONTH = 3;
    private static final int DAY_OF_WEEK = 5;

    private final String text;
    private final com.cronutils.model.Cron schedule;
    private final boolean everyHour;

    private Cron(String text, com.cronutils.model.Cron schedule, boolean everyHour) {
        this.text = text;
        this.schedule = schedule;
        this.everyHour = everyHour;
    }

    /// Reads what a person wrote.
    ///
    /// @throws IllegalArgumentException with one sentence: what is wrong, what is expected
    public static Cron parse(String text) {
        String trimmed = text.strip();
        if (trimmed.startsWith("@")) {
            return new Cron(trimmed, Grammar.nickname(trimmed), trimmed.equals("@hourly"));
        }
        String[] words = trimmed.isEmpty() ? new String[0] : trimmed.split("\\s+", -1);
        if (words.length < 5 || words.length > 7) {
            throw new IllegalArgumentException("cron '" + trimmed + "' has " + words.length
                    + (words.length == 1 ? " field" : " fields")
                    + " (expected: 5 from the minute to the day of the week, 6 with the second first,"
                    + " or 7 with the year last)");
        }
        String[] fields = withSeconds(words);
        return new Cron(String.join(" ", words), Grammar.fields(trimmed, fields), fields[HOUR].startsWith("*"));
    }

    private static String[] withSeconds(String[] words) {
        if (words.length > 5) {
            return words;
        }
        String[] all = new String[6];
        all[0] = "0";
        System.arraycopy(words, 0, all, 1, words.length);
        return all;
    }

    /// What was written, with single spaces.
    public String text() {
        return text;
    }

    /// The first time after `after`, in its zone; empty when there is none any more, as when the
    /// year has passed.
    public Optional<ZonedDateTime> next(ZonedDateTime after) {
        // Made here, not by parse: the library logs while it makes them, and the CLI only parses.
        ExecutionTime times = ExecutionTime.forCron(schedule);
        // The library would round a begun second up and pass over the time at its end.
        ZonedDateTime begun = after.truncatedTo(ChronoUnit.SECONDS);
        Optional<ZonedDateTime> next = times.nextExecution(begun);
        while (next.isPresent() && !everyHour && isSecondPass(next.get())) {
            next = times.nextExecution(next.get());
        }
        Optional<ZonedDateTime> leftOut = leftOut(times, begun);
        return leftOut.isPresent() && next.map(leftOut.get()::isBefore).orElse(true) ? leftOut : next;
    }

    /// Whether the clock showed this before it was put back.
    private static boolean isSecondPass(ZonedDateTime time) {
        return !time.withEarlierOffsetAtOverlap().equals(time);
    }

    /// The next time by a clock that is never moved, if the real one leaves it out: the library
    /// passes over it.
    private static Optional<ZonedDateTime> leftOut(ExecutionTime times, ZonedDateTime after) {
        return times.nextExecution(after.toLocalDateTime().atZone(ZoneOffset.UTC))
                .map(ZonedDateTime::toLocalDateTime)
                .filter(time -> after.getZone().getRules().getValidOffsets(time).isEmpty())
                .map(time -> time.atZone(after.getZone()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cron cron && text.equals(cron.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }

    /// A field by the name a person knows it by, and what may stand in it.
    private record Field(String name, String values) {}

    /// What can be written. Apart, so that the library is loaded only where there is something to
    /// parse.
    private static final class Grammar {
        private static final List<Field> FIELDS = List.of(
                new Field("second", "0 to 59"),
                new Field("minute", "0 to 59"),
                new Field("hour", "0 to 23"),
                new Field("day of the month", "1 to 31 or L for the last"),
                new Field("month", "1 to 12 or JAN to DEC"),
                new Field("day of the week", "0 to 7 or SUN to SAT"),
                new Field("year", "1970 to 2099"));

        private static final CronParser PARSER = new CronParser(definition());

        static com.cronutils.model.Cron nickname(String text) {
            try {
                return PARSER.parse(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "cron '" + text + "' is not a known nickname"
                                + " (expected: @yearly, @annually, @monthly, @weekly, @daily, @midnight or @hourly)",
                        e);
            }
        }

        static com.cronutils.model.Cron fields(String text, String[] words) {
            for (int day : new int[] {DAY_OF_MONTH, DAY_OF_WEEK}) {
                words[day] = words[day].equals("?") ? "*" : words[day];
            }
            try {
                return PARSER.parse(String.join(" ", words));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("cron '" + text + "' " + fault(words), e);
            }
        }

        /// Names the first field that is wrong by itself, which the library's messages do not.
        private static String fault(String[] words) {
            for (int i = 0; i < words.length; i++) {
                if (!stands(i, words[i])) {
                    Field field = FIELDS.get(i);
                    return "has '" + words[i] + "' as the " + field.name() + " (expected: " + field.values()
                            + ", or *, 1-5, 1,5 or */2 of these)";
                }
            }
            return "is not a time (expected: fields that are possible together)";
        }

        private static boolean stands(int field, String word) {
            String[] words = new String[Math.max(6, field + 1)];
            Arrays.fill(words, "*");
            words[field] = word;
            try {
                PARSER.parse(String.join(" ", words));
                return true;
            } catch (IllegalArgumentException _) {
                return false;
            }
        }

        /// Ranges are strict (first to last) where the library would take `22-2` for `22`.
        private static CronDefinition definition() {
            return CronDefinitionBuilder.defineCron()
                    .withSeconds()
                    .withValidRange(0, 59)
                    .withStrictRange()
                    .and()
                    .withMinutes()
                    .withValidRange(0, 59)
                    .withStrictRange()
                    .and()
                    .withHours()
                    .withValidRange(0, 23)
                    .withStrictRange()
                    .and()
                    .withDayOfMonth()
                    .withValidRange(1, 31)
                    .supportsL()
                    .supportsW()
                    .supportsLW()
                    .withStrictRange()
                    .and()
                    .withMonth()
                    .withValidRange(1, 12)
                    .withStrictRange()
                    .and()
                    .withDayOfWeek()
                    .withValidRange(0, 7)
                    .withMondayDoWValue(1)
                    .withIntMapping(7, 0)
                    .supportsL()
                    .supportsHash()
                    .and()
                    .withYear()
                    .withValidRange(1970, 2099)
                    .withStrictRange()
                    .optional()
                    .and()
                    .withSupportedNicknameYearly()
                    .withSupportedNicknameAnnually()
                    .withSupportedNicknameMonthly()
                    .withSupportedNicknameWeekly()
                    .withSupportedNicknameDaily()
                    .withSupportedNicknameMidnight()
                    .withSupportedNicknameHourly()
                    .instance();
        }
    }
}
