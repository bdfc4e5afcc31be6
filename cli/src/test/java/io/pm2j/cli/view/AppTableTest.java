package io.pm2j.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.cli.Views;
import io.pm2j.supervisor.app.ProcessView;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppTableTest {
    private static final long NOW = Views.STARTED_AT_MILLIS + 125_000;
    private static final List<ProcessView> TWO =
            List.of(Views.API, Views.view(1, "a-name-that-is-far-too-long-for-a-narrow-table", "waiting restart", 0));

    @Test
    void printsPm2sColumns() {
        assertThat(table(300, TWO)).isEqualTo("""
                ┌────┬──────────────────────────────────────────┬─────────────┬─────────┬─────────┬──────────┬────────┬──────┬───────────┬──────────┬──────────┬──────────┬──────────┐
                │ id │ name                                     │ namespace   │ version │ mode    │ pid      │ uptime │ ↺    │ status    │ cpu      │ mem      │ user     │ watching │
                ├────┼──────────────────────────────────────────┼─────────────┼─────────┼─────────┼──────────┼────────┼──────┼───────────┼──────────┼──────────┼──────────┼──────────┤
                │ 0  │ api                                      │ default     │ 1.0.0   │ cluster │ 4711     │ 2m     │ 1    │ online    │ 0.5%     │ 45.2mb   │ deploy   │ disabled │
                │ 1  │ a-name-that-is-far-too-long-for-a-narro… │ default     │ 1.0.0   │ cluster │ 0        │ 0      │ 1    │ waiting … │ 0.5%     │ 45.2mb   │ deploy   │ disabled │
                └────┴──────────────────────────────────────────┴─────────────┴─────────┴─────────┴──────────┴────────┴──────┴───────────┴──────────┴──────────┴──────────┴──────────┘
                """.stripTrailing());
    }

    @Test
    void dropsColumnsOnANarrowTerminal() {
        assertThat(table(100, TWO)).isEqualTo("""
                ┌────┬────────────────────────────────┬──────────┬──────┬───────────┬──────────┬──────────┐
                │ id │ name                           │ mode     │ ↺    │ status    │ cpu      │ memory   │
                ├────┼────────────────────────────────┼──────────┼──────┼───────────┼──────────┼──────────┤
                │ 0  │ api                            │ cluster  │ 1    │ online    │ 0.5%     │ 45.2mb   │
                │ 1  │ a-name-that-is-far-too-long-f… │ cluster  │ 1    │ waiting … │ 0.5%     │ 45.2mb   │
                └────┴────────────────────────────────┴──────────┴──────┴───────────┴──────────┴──────────┘
                """.stripTrailing());
        assertThat(table(60, TWO)).isEqualTo("""
                ┌────┬──────────────────┬───────────┬──────┬────────┐
                │ id │ name             │ status    │ cpu  │ mem    │
                ├────┼──────────────────┼───────────┼──────┼────────┤
                │ 0  │ api              │ online    │ 0.5% │ 45.2mb │
                │ 1  │ a-name-that-is-… │ waiting … │ 0.5% │ 45.2mb │
                └────┴──────────────────┴───────────┴──────┴────────┘
                """.stripTrailing());
    }

    @ParameterizedTest
    @CsvSource({"50, 0", "50, 3", "60, 3", "69, 9", "80, 3", "133, 3", "134, 3"})
    void neverIsWiderThanTheTerminal(int columns, int processes) {
        List<ProcessView> views = TWO.subList(0, Math.min(processes, 2));
        for (String line : AppTable.lines(views, new Style(columns, false), NOW)) {
            assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(columns);
        }
    }

    @Test
    void coloursTheStatusOnly() {
        String line =
                AppTable.lines(List.of(Views.API), new Style(100, true), NOW).get(3);
        assertThat(line).contains("\u001b[32monline").contains("│ api");
    }

    @ParameterizedTest
    @CsvSource({"0, 0s", "59_999, 59s", "60_000, 1m", "3_599_999, 59m", "3_600_000, 1h", "86_400_000, 1D", "-5, 0s"})
    void countsUptimeInItsLargestUnit(String millis, String shown) {
        long elapsed = Long.parseLong(millis.replace("_", ""));
        assertThat(AppTable.uptime(Views.API, Views.STARTED_AT_MILLIS + elapsed))
                .isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"0, 0b", "1023, 1023b", "1024, 1.0kb", "47395635, 45.2mb", "5368709120, 5.0gb"})
    void saysSizesAsPm2(long bytes, String shown) {
        assertThat(AppTable.size(bytes)).isEqualTo(shown);
    }

    private static String table(int columns, List<ProcessView> views) {
        return String.join("\n", AppTable.lines(views, new Style(columns, false), NOW));
    }
}
