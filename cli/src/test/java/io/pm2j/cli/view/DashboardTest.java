package io.pm2j.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.cli.Views;
import io.pm2j.cli.view.Dashboard.Picture;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlReply.Happening;
import io.pm2j.supervisor.control.ControlReply.LogLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DashboardTest {
    private static final Style PLAIN = new Style(80, false);
    private static final List<ProcessView> TWO = List.of(Views.API, Views.view(1, "worker", "stopped", 0));

    @ParameterizedTest
    @CsvSource({"60, 10", "80, 24", "120, 40", "300, 90", "20, 5", "1, 1"})
    void fillsTheTerminalExactly(int columns, int rows) {
        List<String> lines = screen(new Picture(TWO, 1, List.of("日本語 text"), Map.of("Users", "4")), columns, rows);

        assertThat(lines)
                .hasSize(rows)
                .allSatisfy(line ->
                        assertThat(line.codePoints().map(Cells::width).sum()).isEqualTo(columns));
    }

    @Test
    void showsTheChosenOne() {
        Picture picture = new Picture(TWO, 0, List.of("one", LogBoard.ERROR + "two"), Map.of("Users", "42 logged in"));

        assertThat(String.join("\n", screen(picture, 120, 40)))
                .contains(">[0] api", " [1] worker", "api Logs", "│ one", "│ two", "Users", "42 logged in")
                .contains("Script path", "/srv/app.js", "[::]:3000", "stopped")
                .doesNotContain(LogBoard.ERROR);
        assertThat(String.join("\n", screen(new Picture(List.of(), 0, List.of(), Map.of()), 80, 24)))
                .contains("no process");
    }

    @Test
    void scrollsToTheChosenOne() {
        List<ProcessView> many = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            many.add(Views.view(i, "app", "online", 1));
        }

        assertThat(String.join("\n", screen(new Picture(many, 77, List.of(), Map.of()), 80, 24)))
                .contains(">[77] app")
                .doesNotContain("[0] app", "[99] app");
    }

    @Test
    void letsNoProgramMoveTheCursor() {
        assertThat(Cells.plain("a\u001b[2J\u001b[31mred\u0007\r\tb")).isEqualTo("ared    b");
        assertThat(Cells.fit("日本語", 4)).isEqualTo("日本");
        assertThat(Cells.fit("日本語", 5)).isEqualTo("日本 ");
    }

    @Test
    void theBoardKeepsLinesAndFiguresApart() {
        LogBoard board = new LogBoard();
        board.take(new LogLine(0, "api", false, 0, "from the file"));
        board.take(new Happening("log:err", "{\"process\":{\"pm_id\":0},\"data\":\"late\\n\"}"));
        board.take(new Happening(
                "axm:monitor",
                "{\"process\":{\"pm_id\":1},\"data\":{\"Users\":{\"value\":4,\"unit\":\"u\"},\"x\":1}}"));
        board.take(new Happening("process:msg", "nonsense"));

        assertThat(board.lines(0)).containsExactly("from the file", LogBoard.ERROR + "late");
        assertThat(board.lines(1)).isEmpty();
        assertThat(board.metrics(1)).containsExactly(Map.entry("Users", "4 u"));
    }

    private static List<String> screen(Picture picture, int columns, int rows) {
        return Dashboard.lines(picture, PLAIN, columns, rows, Views.STARTED_AT_MILLIS);
    }
}
