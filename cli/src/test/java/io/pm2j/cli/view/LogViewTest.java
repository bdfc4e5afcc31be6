package io.pm2j.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.control.ControlReply.LogLine;
import org.junit.jupiter.api.Test;

class LogViewTest {
    private final LogView view = new LogView(new Style(80, false));

    @Test
    void cutsAndPadsTheLabelOfAFilesLine() {
        assertThat(view.fromFile(line("api", "hello"))).isEqualTo("0|api      | hello");
        assertThat(view.fromFile(line("a-longer-name", ""))).isEqualTo("0|a-longer | ");
    }

    @Test
    void growsTheLabelOfLiveLinesWithTheLongest() {
        assertThat(view.live(line("api", "one"))).isEqualTo("0|api  | one");
        assertThat(view.live(line("worker", "two"))).isEqualTo("0|worker  | two");
        assertThat(view.live(line("api", "three"))).isEqualTo("0|api     | three");
    }

    @Test
    void coloursTheLabelByStream() {
        LogView coloured = new LogView(new Style(80, true));
        assertThat(coloured.live(line("api", "x"))).isEqualTo("\u001b[32m0|api  | \u001b[39mx");
        assertThat(coloured.live(new LogLine(0, "api", true, 0, "x"))).startsWith("\u001b[31m");
    }

    @Test
    void putsTheTimeInFrontAndMakesTextStandOut() {
        LogView timed = new LogView(new Style(80, true), LogForm.LABELLED, "YYYY", "need");
        assertThat(timed.live(new LogLine(0, "api", false, 1_700_000_000_000L, "a needle")))
                .isEqualTo("\u001b[90m2023 \u001b[39m\u001b[32m0|api  | \u001b[39ma \u001b[100mneed\u001b[49mle");
    }

    private static LogLine line(String app, String text) {
        return new LogLine(0, app, false, 0, text);
    }
}
