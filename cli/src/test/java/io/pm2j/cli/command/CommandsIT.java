package io.pm2j.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.cli.Views;
import io.pm2j.cli.link.DaemonLink;
import io.pm2j.cli.link.Home;
import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.view.Style;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ControlServer;
import io.pm2j.supervisor.control.ReplySink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class CommandsIT {
    private final List<ControlRequest> asked = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @Test
    void stoppingAFileSkipsTheAppsThatDoNotRun() throws Exception {
        assertThat(run("stop", file("api", "gone"))).isZero();
        assertThat(asked).contains(new ControlRequest.Act(ControlRequest.Verb.STOP, List.of("api"), Optional.empty()));
        assertThat(output()).contains("[PM2][WARN] Process gone not found");
    }

    @Test
    void deletingAFileOfWhichNothingRunsFails() throws Exception {
        String file = file("gone", "away");
        assertThatThrownBy(() -> run("delete", file)).hasMessage("no app of " + file + " is running");
        assertThat(asked).noneMatch(ControlRequest.Act.class::isInstance);
    }

    @Test
    void jlistPrintsOneLineWithoutItsBreak() throws Exception {
        assertThat(run("jlist")).isZero();
        assertThat(output()).startsWith("[{\"pid\":4711,\"name\":\"api\"").endsWith("}]");
        // A variable called like one of PM2's keys does not hide it.
        assertThat(output().split("\"name\":\"mine\"", -1)).hasSize(2);
    }

    @Test
    void listsWithoutColoursIntoAPipe() throws Exception {
        assertThat(run("ls")).isZero();
        assertThat(output()).contains("│ id │ name").doesNotContain("\u001b");
    }

    @Test
    void noCommandIsAMistakeAndHelpIsNot() throws Exception {
        assertThat(run()).isEqualTo(1);
        assertThat(run("--help")).isZero();
        assertThat(run("start", "--help")).isZero();
        assertThat(run("--version")).isZero();
        assertThat(output()).contains("usage: pm2j <command> [options]", "usage: pm2j start ");
        assertThat(asked).isEmpty();
    }

    @Test
    void namesTheNearestOfAnUnknownCommand() {
        assertThatThrownBy(() -> run("restrt", "api")).hasMessage("Command not found: restrt (did you mean restart?)");
    }

    @Test
    void validateSaysEverythingThatIsWrongAndAsksNoDaemon() throws Exception {
        String good = file("api", "web");
        assertThat(run("validate", good)).isZero();
        Path wrong = Files.writeString(folder.resolve("wrong.json"), """
                {"apps": [{"name": "api", "script": "app.js", "instnces": 2},
                          {"name": "web", "script": "app.js", "port": "x"}]}
                """);
        assertThat(run("validate", wrong.toString())).isEqualTo(1);
        assertThat(output()).contains("is valid", ":1:", "'instances'", ":2:", "port");
        assertThat(run("validate", "--json", wrong.toString())).isEqualTo(1);
        assertThat(output()).contains("\"valid\":false", "\"line\":1");
        assertThat(asked).isEmpty();
    }

    @Test
    void applySendsWhatTheFileWantsAndStartTellsWhereAppsCameFrom() throws Exception {
        String file = file("api", "web");
        assertThat(run("apply", "--watch-config", file)).isZero();
        assertThat(run("start", file)).isZero();
        List<ControlRequest.Converge> sent = asked.stream()
                .filter(ControlRequest.Converge.class::isInstance)
                .map(ControlRequest.Converge.class::cast)
                .toList();
        assertThat(sent)
                .extracting(ControlRequest.Converge::deed)
                .containsExactly(ControlRequest.Deed.APPLY, ControlRequest.Deed.REMEMBER);
        assertThat(sent)
                .extracting(ControlRequest.Converge::watch)
                .containsExactly(Optional.of(true), Optional.empty());
        assertThat(sent.getFirst().apps()).hasSize(2);
    }

    @Test
    void followingAFileKeepsToTheFileAlone() throws Exception {
        String file = file("api", "web");
        assertThatThrownBy(() -> run("start", file, "-i", "4", "--watch-config"))
                .hasMessageContaining("keeps to the file alone");
        assertThatThrownBy(() -> run("start", folder.resolve("app.js").toString(), "--watch-config"))
                .hasMessageContaining("expected: an ecosystem file");
        assertThat(asked).noneMatch(ControlRequest.Start.class::isInstance);
    }

    private int run(String... typed) throws IOException, Failure {
        Home home = new Home(folder);
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        try (ControlServer server = new ControlServer(home.socket(), this::answer)) {
            server.start();
            return Commands.run(
                    new Session(Arguments.parse(typed), new DaemonLink(home), out, out, Style.of("--no-color")));
        }
    }

    private void answer(ControlRequest request, ReplySink replies) throws IOException {
        asked.add(request);
        if (request instanceof ControlRequest.Processes) {
            replies.send(new ControlReply.Listing(List.of(Views.API)));
        }
        replies.send(new ControlReply.Done(0));
    }

    private String file(String one, String other) throws IOException {
        Files.writeString(folder.resolve("app.js"), "");
        Path file = folder.resolve("apps.json");
        Files.writeString(file, """
                {"apps": [{"name": "%s", "script": "app.js"}, {"name": "%s", "script": "app.js"}]}
                """.formatted(one, other));
        return file.toString();
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
