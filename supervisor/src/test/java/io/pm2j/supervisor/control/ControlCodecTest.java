package io.pm2j.supervisor.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.AppName;
import io.pm2j.config.Cron;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.ConfigSource;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.DrainSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.config.spec.ProcessSpec;
import io.pm2j.config.spec.Program;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.config.spec.StopSpec;
import io.pm2j.config.spec.WarmUpSpec;
import io.pm2j.config.spec.WatchSpec;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.app.Standing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlCodecTest {
    private static final AppSpec FULL = spec(OptionalInt.of(4), Optional.of(Path.of("/log/a b")), Optional.of(true));
    private static final AppSpec BARE = spec(OptionalInt.empty(), Optional.empty(), Optional.empty());
    private static final ProcessView VIEW = new ProcessView(
            7,
            "äpi",
            "default",
            "1.0.0",
            "cluster",
            4_711,
            "online",
            1,
            0,
            5_000_000_000L,
            1,
            0.5,
            1 << 20,
            "user",
            false,
            true,
            1,
            1,
            0,
            "/srv/app.js",
            List.of("--a b"),
            "/srv",
            "node",
            List.of(),
            "",
            "/tmp/out.log",
            "/tmp/err.log",
            "/tmp/a.pid",
            OptionalInt.of(3),
            "exit code 3",
            "cron 0 3 * * *",
            "waiting for work",
            List.of("[::]:3000"),
            1_600,
            3_000,
            false,
            Map.of("PORT", "3000", "name", "mine"),
            Standing.NONE);

    private static final ConfigSource SOURCE = new ConfigSource(
            Path.of("ecosystem.config.js"),
            new Caller(Path.of("/srv"), Map.of("SECRET", "x"), 4, Optional.of("production")),
            List.of("api"));

    static Stream<ControlRequest> requests() {
        return Stream.of(
                new ControlRequest.Ping(),
                new ControlRequest.Start(List.of(FULL, BARE), true, false),
                new ControlRequest.Start(List.of(), false, true),
                new ControlRequest.Renew(List.of(BARE), true, false),
                new ControlRequest.Renew(List.of(BARE), true, false, new ReloadTerms(OptionalInt.of(3), true, false)),
                new ControlRequest.Act(ControlRequest.Verb.PAUSE, List.of("a"), Optional.empty()),
                new ControlRequest.Converge(
                        SOURCE,
                        List.of(FULL),
                        EdgeText.none(Path.of("/srv")),
                        ControlRequest.Deed.APPLY,
                        Optional.of(true)),
                new ControlRequest.Converge(
                        SOURCE,
                        List.of(),
                        EdgeText.none(Path.of("/srv")),
                        ControlRequest.Deed.REMEMBER,
                        Optional.empty()),
                new ControlRequest.RollBack("a", OptionalInt.of(4)),
                new ControlRequest.RollBack("a", OptionalInt.empty()),
                new ControlRequest.Act(ControlRequest.Verb.DELETE, List.of("a", "0", "line\nbreak"), Optional.empty()),
                new ControlRequest.Act(ControlRequest.Verb.RELOAD, List.of(), Optional.of(Map.of("A", "b"))),
                new ControlRequest.Scale("a", "-1"),
                new ControlRequest.Processes(List.of(), true),
                new ControlRequest.Flush(List.of("a")),
                new ControlRequest.ReloadLogs(),
                new ControlRequest.Save(true),
                new ControlRequest.Autosave(true),
                new ControlRequest.Resurrect(),
                new ControlRequest.ClearDump(),
                new ControlRequest.Tell(List.of("a"), "{\"x\":1}"),
                new ControlRequest.Logs(List.of("a"), 15, true, false, true),
                new ControlRequest.Serve("/srv", 8_080, "", true),
                new ControlRequest.Web(9_615),
                new ControlRequest.Bus(List.of("api")),
                new ControlRequest.Update(List.of("/usr/bin/java", "@args"), 10_000, true),
                new ControlRequest.Updated(),
                new ControlRequest.Kill());
    }

    static Stream<ControlReply> replies() {
        return Stream.of(
                new ControlReply.Note(ControlReply.Level.WARN, "two\nlines"),
                new ControlReply.Listing(List.of(VIEW, VIEW)),
                new ControlReply.Listing(List.of()),
                new ControlReply.LogHeader("/log", 15),
                new ControlReply.LogLine(3, "a", true, 1_700_000_000_000L, "\u001b[31m\u2028é"),
                new ControlReply.Happening("process:msg", "{\"data\":{\"a\":\"\\n\"}}"),
                new ControlReply.Done(1));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void readsTheRequestThatWasWritten(ControlRequest request) throws IOException {
        String line = ControlCodec.write(request, "1.0");
        assertThat(line).doesNotContain("\n");
        assertThat(ControlCodec.readRequest(line)).isEqualTo(request);
    }

    @ParameterizedTest
    @MethodSource("replies")
    void readsTheReplyThatWasWritten(ControlReply reply) throws IOException {
        String line = ControlCodec.write(reply);
        assertThat(line).doesNotContain("\n");
        assertThat(ControlCodec.readReply(line)).isEqualTo(reply);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"ask\":",
                "{\"ask\":7}",
                "{\"ask\":\"dance\"}",
                "{\"ask\":\"act\",\"verb\":\"DANCE\",\"selectors\":[]}",
                "{\"ask\":\"act\",\"verb\":\"STOP\",\"selectors\":[",
                "{\"ask\":\"web\",\"port\":99999999999}",
                "{\"ask\":\"web\",\"port\":99999999999999999999}",
                "{\"ask\":\"start\",\"fromFile\":true,\"force\":true,\"apps\":[1]}",
                "GET / HTTP/1.1"
            })
    void refusesWhatIsNoRequestInOneSentence(String line) {
        assertThatThrownBy(() -> ControlCodec.readRequest(line))
                .isInstanceOf(IOException.class)
                .message()
                .isNotBlank()
                .doesNotContain("\n");
    }

    private static AppSpec spec(OptionalInt number, Optional<Path> path, Optional<Boolean> merged) {
        Optional<String> text = path.map(Path::toString);
        return AppSpec.draft(
                        new AppName("api"),
                        new Program("/srv/app.js", List.of("--x", "a b"), "node", List.of()),
                        Path.of("/srv"))
                .instances(number)
                .execMode(number.isPresent() ? ExecMode.CLUSTER : ExecMode.FORK)
                .environment(new Environment(
                        Map.of("HOME", "/root"),
                        Map.of("PORT", "3000", "EMPTY", ""),
                        List.of("AWS_"),
                        "INSTANCE",
                        text))
                .port(number)
                .autostart(number.isPresent())
                .ready(new ReadySpec(true, Duration.ofMillis(3_000)))
                .stop(new StopSpec("SIGTERM", number.isPresent(), Duration.ofMillis(7), number.isEmpty()))
                .restart(new RestartSpec(
                        number.isPresent(),
                        Duration.ofMillis(1_000),
                        16,
                        Duration.ofMillis(3),
                        Duration.ofMillis(4),
                        Set.of(0, 42),
                        number.isPresent() ? OptionalLong.of(5L << 32) : OptionalLong.empty(),
                        text.map(_ -> Cron.parse("0 3 * * *")),
                        Duration.ofSeconds(9)))
                .watch(new WatchSpec(path.stream().toList(), List.of("tmp"), Duration.ofMillis(8)))
                .logs(new LogSpec(
                        path,
                        path,
                        path,
                        merged,
                        text,
                        number.isPresent(),
                        number.isEmpty(),
                        new LogRotation(1L << 40, true, 3, false, 4)))
                .process(new ProcessSpec(text, text, number, number))
                .pidFile(path)
                .rollout(new RolloutSpec(
                        2,
                        1,
                        path.map(_ -> Duration.ofSeconds(3)),
                        new DrainSpec(Duration.ofSeconds(4), Duration.ofSeconds(5)),
                        path.map(_ -> new WarmUpSpec("/warm", 6))))
                .spec();
    }
}
