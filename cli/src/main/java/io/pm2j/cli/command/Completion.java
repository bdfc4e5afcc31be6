package io.pm2j.cli.command;

import io.pm2j.cli.boot.InitSystem;
import io.pm2j.cli.boot.Template;
import io.pm2j.cli.typed.CalledAs;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.supervisor.app.ProcessView;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `completion`: what a shell reads so that Tab knows commands, options and the names of apps. Commands and options are
/// written into the script; only names are asked for while somebody types.
final class Completion {
    private static final List<String> SHELLS = List.of("bash", "zsh", "fish");

    private Completion() {}

    static int run(Session session) throws Failure {
        String shell = session.typed.operands().stream().findFirst().orElseGet(Completion::usualShell);
        if (!SHELLS.contains(shell)) {
            throw new Failure("completion: '" + shell + "' (expected: " + String.join(", ", SHELLS) + ")");
        }
        session.out.print(Template.filled(
                "completion/" + shell,
                Map.of(
                        "PROGRAM", CalledAs.now().text(),
                        "COMMANDS", shown().flatMap(c -> c.names().stream()).collect(Collectors.joining(" ")),
                        "OPTIONS", String.join(" ", Option.everySpelling()),
                        "DESCRIBED", described(shell),
                        "PLATFORMS", String.join(" ", InitSystem.names()),
                        "NAMED",
                                named(
                                        shell.equals("fish") ? " " : " | ",
                                        c -> c.takes().matches(".*\\b(name|app|id)\\b.*")),
                        "FILES",
                                named(
                                        shell.equals("fish") ? " " : " | ",
                                        c -> c.takes().matches(".*\\b(script|file|folder)\\b.*")))));
        return ExitCode.OK;
    }

    /// The names of apps, a line each; starts no daemon.
    static int words(Session session) throws Failure {
        if (session.link.isThere()) {
            session.processes(List.of(), true).stream()
                    .map(ProcessView::name)
                    .distinct()
                    .forEach(session.out::println);
        }
        return ExitCode.OK;
    }

    private static Stream<Commands> shown() {
        return Arrays.stream(Commands.values()).filter(c -> !c.help().isEmpty());
    }

    private static String named(String between, Predicate<Commands> chosen) {
        return shown().filter(chosen).flatMap(c -> c.names().stream()).collect(Collectors.joining(between));
    }

    /// Every command with its sentence, as the shell wants them.
    private static String described(String shell) {
        return switch (shell) {
            case "zsh" ->
                shown().map(c -> "    '" + c.names().getFirst() + ":" + quoted(c.help()) + "'")
                        .collect(Collectors.joining("\n"));
            case "fish" ->
                shown().map(c -> "complete -c " + CalledAs.now().text() + " -n __fish_use_subcommand -f -a "
                                + c.names().getFirst() + " -d '" + quoted(c.help()) + "'")
                        .collect(Collectors.joining("\n"));
            default -> "";
        };
    }

    private static String quoted(String sentence) {
        return sentence.replace("'", "").replace(":", ",");
    }

    private static String usualShell() {
        String shell = Optional.ofNullable(System.getenv("SHELL")).orElse("bash");
        return shell.substring(shell.lastIndexOf('/') + 1);
    }
}
