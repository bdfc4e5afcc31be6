package io.pm2j.supervisor.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DateFormatTest {
    /// A Friday.
    private static final ZonedDateTime AT =
            ZonedDateTime.of(2026, 3, 6, 15, 4, 5, 67_890_000, ZoneId.of("America/St_Johns"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "YYYY-MM-DD HH:mm:ss       | 2026-03-06 15:04:05",
                "YYYY-MM-DDTHH:mm:ss       | 2026-03-06T15:04:05",
                "YYYY-MM-DD HH:mm Z        | 2026-03-06 15:04 -03:30",
                "YYYY-MM-DD HH:mm:ss.SSS ZZ| 2026-03-06 15:04:05.067 -0330",
                "YY/M/D H:m:s              | 26/3/6 15:4:5",
                "DD MMM YYYY               | 06 Mar 2026",
                "dddd, D MMMM              | Friday, 6 March",
                "ddd dd d                  | Fri Fr 5",
                "hh:mm A                   | 03:04 PM",
                "h a                       | 3 pm",
                "S SS SSS                  | 0 06 067",
                "X                         | 1772822045",
                "x                         | 1772822045067",
                "[YYYY] YYYY               | YYYY 2026",
                "[at] HH[h]mm              | at 15h04",
                "[open YYYY                | [open 2026",
                "[]YYYY                    | 2026",
                "(YYYY_MM.DD)              | (2026_03.06)",
                "é YYYY 日本               | é 2026 日本",
            })
    void writesTheTokens(String pattern, String text) {
        assertThat(DateFormat.of(pattern).text(AT)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 12 am 12 AM", "1, 1 am 01 AM", "11, 11 am 11 AM", "12, 12 pm 12 PM", "23, 11 pm 11 PM"})
    void countsTwelveHours(int hour, String text) {
        assertThat(DateFormat.of("h a hh A").text(AT.withHour(hour))).isEqualTo(text);
    }

    @Test
    void calledSundayIsTheDayZero() {
        assertThat(DateFormat.of("d dddd").text(AT.plusDays(2))).isEqualTo("0 Sunday");
    }

    @Test
    void writesUtcAsAnOffset() {
        assertThat(DateFormat.of("Z ZZ").text(AT.withZoneSameInstant(ZoneOffset.UTC)))
                .isEqualTo("+00:00 +0000");
    }

    @Test
    void isEmptyForAnEmptyPattern() {
        assertThat(DateFormat.of("").text(AT)).isEmpty();
    }
}
