package io.pm2j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which times a cron text means, and which texts mean none.
class CronTest {
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    /// A Saturday.
    private static final LocalDateTime AFTER = LocalDateTime.parse("2026-11-21T08:00");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            * * * * *            | 2026-11-21T08:01 2026-11-21T08:02
            0 3 * * *            | 2026-11-22T03:00 2026-11-23T03:00
            */15 * * * *         | 2026-11-21T08:15 2026-11-21T08:30 2026-11-21T08:45 2026-11-21T09:00
            5/20 9 * * *         | 2026-11-21T09:05 2026-11-21T09:25 2026-11-21T09:45 2026-11-22T09:05
            10-40/15 9 * * *     | 2026-11-21T09:10 2026-11-21T09:25 2026-11-21T09:40 2026-11-22T09:10
            0 7,9-10,23 * * *    | 2026-11-21T09:00 2026-11-21T10:00 2026-11-21T23:00 2026-11-22T07:00
            0 0 1 1 *            | 2027-01-01T00:00 2028-01-01T00:00
            0 0 1 jan-mar *      | 2027-01-01T00:00 2027-02-01T00:00 2027-03-01T00:00 2028-01-01T00:00
            0 0 1 APR,Oct *      | 2027-04-01T00:00 2027-10-01T00:00
            0 0 31 * *           | 2026-12-31T00:00 2027-01-31T00:00 2027-03-31T00:00
            0 0 29 2 *           | 2028-02-29T00:00 2032-02-29T00:00
            0 0 28 2 *           | 2027-02-28T00:00 2028-02-28T00:00
            0 0 L * *            | 2026-11-30T00:00 2026-12-31T00:00 2027-01-31T00:00 2027-02-28T00:00
            """)
    void fiveFieldsGoFromTheMinuteToTheDayOfTheWeek(String text, String times) {
        assertThat(next(text, times)).isEqualTo(times);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 0 * * 0            | 2026-11-22T00:00 2026-11-29T00:00
            0 0 * * 7            | 2026-11-22T00:00 2026-11-29T00:00
            0 0 * * sun          | 2026-11-22T00:00 2026-11-29T00:00
            0 0 * * 0,7          | 2026-11-22T00:00 2026-11-29T00:00
            0 0 * * 1            | 2026-11-23T00:00 2026-11-30T00:00
            0 0 * * 6            | 2026-11-28T00:00 2026-12-05T00:00
            0 0 * * 5-7          | 2026-11-22T00:00 2026-11-27T00:00 2026-11-28T00:00 2026-11-29T00:00
            0 0 * * 0-1          | 2026-11-22T00:00 2026-11-23T00:00 2026-11-29T00:00
            0 0 * * Fri-Sun      | 2026-11-22T00:00 2026-11-27T00:00 2026-11-28T00:00 2026-11-29T00:00
            0 0 * * sat-mon      | 2026-11-22T00:00 2026-11-23T00:00 2026-11-28T00:00 2026-11-29T00:00
            0 0 * * 1-5          | 2026-11-23T00:00 2026-11-24T00:00 2026-11-25T00:00 2026-11-26T00:00
            0 0 * * 1-5/2        | 2026-11-23T00:00 2026-11-25T00:00 2026-11-27T00:00 2026-11-30T00:00
            0 0 * * 5L           | 2026-11-27T00:00 2026-12-25T00:00
            0 0 * * MON#2        | 2026-12-14T00:00 2027-01-11T00:00
            0 0 ? * 2            | 2026-11-24T00:00 2026-12-01T00:00
            0 0 24 * ?           | 2026-11-24T00:00 2026-12-24T00:00
            """)
    void sundayIsZeroAndSeven(String text, String times) {
        assertThat(next(text, times)).isEqualTo(times);
    }

    @Test
    void eitherDayIsEnoughWhenBothAreLimited() {
        String times = "2026-11-27T00:00 2026-12-04T00:00 2026-12-11T00:00 2026-12-13T00:00";

        assertThat(next("0 0 13 * 5", times)).isEqualTo(times);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            */20 * * * * *       | 2026-11-21T08:00:20 2026-11-21T08:00:40 2026-11-21T08:01
            30 0 3 * * *         | 2026-11-22T03:00:30 2026-11-23T03:00:30
            0 0 0 1 1 * 2030     | 2030-01-01T00:00
            0 0 0 1 1 * 2028/2   | 2028-01-01T00:00 2030-01-01T00:00
            0 0 0 1 1 * *        | 2027-01-01T00:00 2028-01-01T00:00
            """)
    void theSecondsComeFirstAndTheYearLast(String text, String times) {
        assertThat(next(text, times)).isEqualTo(times);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            @hourly    | 2026-11-21T09:00 2026-11-21T10:00
            @daily     | 2026-11-22T00:00 2026-11-23T00:00
            @midnight  | 2026-11-22T00:00 2026-11-23T00:00
            @weekly    | 2026-11-22T00:00 2026-11-29T00:00
            @monthly   | 2026-12-01T00:00 2027-01-01T00:00
            @yearly    | 2027-01-01T00:00 2028-01-01T00:00
            @annually  | 2027-01-01T00:00 2028-01-01T00:00
            """)
    void nicknamesAreSchedulesToo(String text, String times) {
        assertThat(next(text, times)).isEqualTo(times);
    }

    @Test
    void whatCannotComeAnyMoreHasNoNext() {
        assertThat(Cron.parse("0 0 30 2 *").next(AFTER.atZone(UTC))).isEmpty();
        assertThat(Cron.parse("0 0 0 1 1 * 2020").next(AFTER.atZone(UTC))).isEmpty();
        assertThat(Cron.parse("0 0 0 1 1 * 2027")
                        .next(LocalDateTime.parse("2027-01-01T00:00").atZone(UTC)))
                .isEmpty();
    }

    @Test
    void theNextTimeIsAfterTheFractionOfASecond() {
        ZonedDateTime after = AFTER.plusNanos(500_000_000).atZone(UTC);

        assertThat(Cron.parse("* * * * * *").next(after))
                .contains(AFTER.plusSeconds(1).atZone(UTC));
    }

    /// Berlin goes from 02:00+01:00 to 03:00+02:00 on 2026-03-29, and from 03:00+02:00 to
    /// 02:00+01:00 on 2026-10-25.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            30 2 * * *    | 2026-03-28T03:00+01:00 | 2026-03-29T03:30+02:00 2026-03-30T02:30+02:00
            0 2 * * *     | 2026-03-28T03:00+01:00 | 2026-03-29T03:00+02:00 2026-03-30T02:00+02:00
            0 3 * * *     | 2026-03-28T03:00+01:00 | 2026-03-29T03:00+02:00 2026-03-30T03:00+02:00
            15,45 * * * * | 2026-03-29T01:30+01:00 | 2026-03-29T01:45+01:00 2026-03-29T03:15+02:00 2026-03-29T03:45+02:00
            */30 * * * *  | 2026-03-29T01:00+01:00 | 2026-03-29T01:30+01:00 2026-03-29T03:00+02:00 2026-03-29T03:30+02:00
            30 2 * * *    | 2026-10-25T01:00+02:00 | 2026-10-25T02:30+02:00 2026-10-26T02:30+01:00
            15 2,3 * * *  | 2026-10-25T01:00+02:00 | 2026-10-25T02:15+02:00 2026-10-25T03:15+01:00 2026-10-26T02:15+01:00
            30 2 * * *    | 2026-10-25T02:00+01:00 | 2026-10-26T02:30+01:00
            @hourly       | 2026-10-25T01:00+02:00 | 2026-10-25T02:00+02:00 2026-10-25T02:00+01:00 2026-10-25T03:00+01:00
            0 3 * * *     | 2026-10-25T01:00+02:00 | 2026-10-25T03:00+01:00 2026-10-26T03:00+01:00
            */30 * * * *  | 2026-10-25T02:00+02:00 | 2026-10-25T02:30+02:00 2026-10-25T02:00+01:00 2026-10-25T02:30+01:00
            """)
    void everyTimeComesOnceWhenClocksAreMoved(String text, String after, String times) {
        List<String> found = new ArrayList<>();
        ZonedDateTime time = OffsetDateTime.parse(after).atZoneSameInstant(BERLIN);
        for (int i = 0; i < times.split(" ").length; i++) {
            time = Cron.parse(text).next(time).orElseThrow();
            found.add(time.toOffsetDateTime().toString());
        }

        assertThat(String.join(" ", found)).isEqualTo(times);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            60 * * * *         | has '60' as the minute (expected: 0 to 59
            * 24 * * *         | has '24' as the hour (expected: 0 to 23
            * 22-2 * * *       | has '22-2' as the hour
            * -1 * * *         | has '-1' as the hour
            * * 0 * *          | has '0' as the day of the month (expected: 1 to 31
            * * 32 * *         | has '32' as the day of the month
            * * * 13 *         | has '13' as the month (expected: 1 to 12 or JAN to DEC
            * * * foo *        | has 'foo' as the month
            * * * * 8          | has '8' as the day of the week (expected: 0 to 7 or SUN to SAT
            61 * * * * *       | has '61' as the second
            * * * * * * 1066   | has '1066' as the year
            */0 * * * *        | has '*/0' as the minute
            */70 * * * *       | has '*/70' as the minute
            1,,2 * * * *       | has '1,,2' as the minute
            1-2-3 * * * *      | has '1-2-3' as the minute
            1.5 * * * *        | has '1.5' as the minute
            * 99 * 99 *        | has '99' as the hour
            * * * *            | has 4 fields (expected: 5
            0                  | has 1 field (expected: 5
            * * * * * * * *    | has 8 fields
            @reboot            | is not a known nickname (expected: @yearly
            """)
    void whatIsNoScheduleIsRefusedInOneSentence(String text, String fault) {
        assertThatThrownBy(() -> Cron.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("cron '" + text + "' ")
                .hasMessageContaining(fault);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  "})
    void blankIsNoSchedule(String text) {
        assertThatThrownBy(() -> Cron.parse(text)).hasMessageContaining("has 0 fields");
    }

    @Test
    void sameTextsAreTheSame() {
        assertThat(Cron.parse("0 3 * * *"))
                .isEqualTo(Cron.parse(" 0  3 *\t* * "))
                .hasSameHashCodeAs(Cron.parse("0 3 * * *"))
                .hasToString("0 3 * * *")
                .isNotEqualTo(Cron.parse("0 4 * * *"));
        assertThat(Cron.parse("@daily").text()).isEqualTo("@daily");
    }

    /// As many times as are expected, and with that none after the last where there are fewer.
    private static String next(String text, String expected) {
        Cron cron = Cron.parse(text);
        List<String> found = new ArrayList<>();
        Optional<ZonedDateTime> time = cron.next(AFTER.atZone(UTC));
        while (time.isPresent() && found.size() < expected.split(" ").length) {
            found.add(time.get().toLocalDateTime().toString());
            time = cron.next(time.get());
        }
        return String.join(" ", found);
    }
}
