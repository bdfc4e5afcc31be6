package io.pm2j.cli.command;

import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlReply.LogLine;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Commands that talk to programs which run.
final class Talk {
    private Talk() {}

    static int sendSignal(Session session) throws Failure {
        int least = session.typed.has(Option.NAMESPACE) ? 1 : 2;
        List<String> operands = operands(session, least, "sendSignal <signal> <name|id>");
        List<String> selectors = Operands.narrowed(session, operands.subList(1, operands.size()));
        session.info("Sending signal to process name " + String.join(", ", selectors));
        return session.withTable(session.ask(new ControlRequest.SendSignal(operands.getFirst(), selectors), _ -> {}));
    }

    /// PM2: several words are one line.
    static int send(Session session) throws Failure {
        List<String> operands = operands(session, 2, "send <id> <line>");
        String line = String.join(" ", operands.subList(1, operands.size()));
        return session.withTable(session.ask(new ControlRequest.SendLine(id(operands.getFirst()), line), _ -> {}));
    }

    static int sendMessage(Session session) throws Failure {
        List<String> operands = operands(session, 2, "sendMessage <name|id> <json>");
        return session.ask(
                new ControlRequest.Tell(
                        List.of(operands.getFirst()), String.join(" ", operands.subList(1, operands.size()))),
                _ -> {});
    }

    static int trigger(Session session) throws Failure {
        List<String> operands = operands(session, 2, "trigger <name|id> <action> [parameter]");
        Optional<String> parameter = operands.size() > 2
                ? Optional.of(String.join(" ", operands.subList(2, operands.size())))
                : Optional.empty();
        return session.ask(
                new ControlRequest.Trigger(List.of(operands.getFirst()), operands.get(1), parameter), _ -> {});
    }

    /// PM2: by its agent; Node's own way is a signal, which ends programs of other runtimes.
    static int inspect(Session session) throws Failure {
        List<String> operands = operands(session, 1, "inspect <name|id>");
        List<ProcessView> views = session.quietly(operands).processes();
        for (ProcessView view : views) {
            String interpreter = view.interpreter();
            if (!interpreter.substring(interpreter.lastIndexOf('/') + 1).startsWith("node")) {
                throw new Failure(view.name() + " is run by " + interpreter + " (expected: a program of Node's)");
            }
        }
        int code = session.ask(new ControlRequest.SendSignal("SIGUSR1", operands), _ -> {});
        if (code == ExitCode.OK) {
            session.info("Node says in the error log where the inspector listens, for example ws://127.0.0.1:9229");
        }
        return code;
    }

    /// What is typed goes to the process, what it prints comes here, until its end or ours.
    static int attach(Session session) throws Failure {
        List<String> operands = operands(session, 1, "attach <id>");
        int pmId = id(operands.getFirst());
        if (session.processes(List.of(), true).stream().noneMatch(view -> view.pmId() == pmId)) {
            throw new Failure("Process with ID <" + pmId + "> unknown.");
        }
        Thread printing = Thread.ofPlatform().daemon().start(() -> {
            try {
                int _ = session.ask(
                        new ControlRequest.Logs(List.of(operands.getFirst()), 0, true, true, true), reply -> {
                            if (reply instanceof LogLine line) {
                                session.out.println(line.text());
                            }
                        });
            } catch (Failure e) {
                session.err.println(e.getMessage());
            }
        });
        int code = typedLines(session, pmId);
        // Standard input came to its end: a moment for what the last line brings about.
        try {
            printing.join(LAST_ANSWERS_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return code;
    }

    private static final long LAST_ANSWERS_MILLIS = 500;

    private static int typedLines(Session session, int pmId) throws Failure {
        BufferedReader typed = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            String line;
            while ((line = typed.readLine()) != null) {
                int code = session.ask(new ControlRequest.SendLine(pmId, line), _ -> {});
                if (code != ExitCode.OK) {
                    return code;
                }
            }
            return ExitCode.OK;
        } catch (IOException e) {
            throw new Failure("cannot read what is typed: " + e.getMessage());
        }
    }

    private static List<String> operands(Session session, int least, String usage) throws Failure {
        List<String> operands = session.typed.operands();
        if (operands.size() < least) {
            throw new Failure(session.typed.command() + ": too few words (expected: pm2j " + usage + ")");
        }
        return operands;
    }

    private static int id(String text) throws Failure {
        return Arguments.number("id", text);
    }
}
