package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.Feed;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.ProgramMessage;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import io.pm2j.supervisor.process.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Talks to programs that run: signals, lines, messages, and the actions that they announced.
final class TalkDesk {
    /// How long a program may take to answer an action.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Supervisor supervisor;
    private final Listed listed;
    private final Actions actions;

    TalkDesk(Supervisor supervisor, Listed listed) {
        this.supervisor = supervisor;
        this.listed = listed;
        this.actions = Actions.following(supervisor.messages());
    }

    boolean signal(String text, List<String> selectors, Notes notes) throws InterruptedException {
        Optional<Signal> signal = Signal.meant(text);
        if (signal.isEmpty()) {
            notes.error("'" + text + "' (expected: a signal such as SIGUSR2)");
            return false;
        }
        Optional<Selection> selection = listed.known(selectors, notes);
        if (selection.isEmpty()) {
            return false;
        }
        int sent = 0;
        for (Map.Entry<String, Set<Integer>> app : selection.get().byApp().entrySet()) {
            if (!listed.isSite(app.getKey())) {
                sent += supervisor.signal(new AppName(app.getKey()), app.getValue(), signal.get());
            }
        }
        if (sent == 0) {
            notes.error("no process of " + String.join(", ", selectors) + " runs");
            return false;
        }
        notes.info("successfully sent signal " + signal.get() + " to process name " + String.join(", ", selectors));
        return true;
    }

    boolean sendLine(int pmId, String line, Notes notes) throws InterruptedException {
        Optional<ProcessView> view =
                listed.everything().stream().filter(v -> v.pmId() == pmId).findFirst();
        if (view.isEmpty() || listed.isSite(view.get().name())) {
            notes.error("Process with ID <" + pmId + "> unknown.");
            return false;
        }
        String problem = supervisor.sendLine(new AppName(view.get().name()), pmId, line);
        if (!problem.isEmpty()) {
            notes.error("[" + view.get().name() + "](" + pmId + ") " + problem);
        }
        return problem.isEmpty();
    }

    boolean tell(List<String> selectors, String json, Notes notes) throws InterruptedException {
        Optional<Selection> selection = listed.known(selectors, notes);
        if (selection.isEmpty()) {
            return false;
        }
        int told = 0;
        for (Map.Entry<String, Set<Integer>> app : selection.get().byApp().entrySet()) {
            if (!listed.isSite(app.getKey())) {
                told += supervisor.tell(new AppName(app.getKey()), app.getValue(), json);
            }
        }
        if (told == 0) {
            notes.error("no process of " + String.join(", ", selectors)
                    + " can be told (expected: one with Node's channel, that runs)");
        } else {
            notes.info(told + (told == 1 ? " process was told" : " processes were told"));
        }
        return told > 0;
    }

    /// PM2: waits for the answer of each, and prints it as it comes.
    boolean trigger(ControlRequest.Trigger request, Notes notes) throws InterruptedException, IOException {
        Optional<Selection> selection = listed.known(request.selectors(), notes);
        if (selection.isEmpty()) {
            return false;
        }
        Map<Integer, ProcessView> awaited = new HashMap<>();
        try (Feed.Follower<ProgramMessage> answers = supervisor.messages().follow()) {
            for (ProcessView view : selection.get().chosen()) {
                if (!actions.announced(view.name(), view.pmId(), request.action())) {
                    notes.warn("Action doesn't exist " + request.action() + " for " + view.name());
                } else if (supervisor.tell(new AppName(view.name()), Set.of(view.pmId()), call(request)) > 0) {
                    awaited.put(view.pmId(), view);
                }
            }
            if (awaited.isEmpty()) {
                notes.error("Not any process has received a command (offline or unexistent)");
                return false;
            }
            notes.info(awaited.size() + " processes have received command " + request.action());
            return hear(answers, request.action(), awaited, notes);
        }
    }

    private static String call(ControlRequest.Trigger request) throws IOException {
        return request.parameter().isEmpty()
                ? JsonText.quoted(request.action())
                : JsonText.line(json -> {
                    json.writeStringField("msg", request.action());
                    json.writeStringField("opts", request.parameter().get());
                });
    }

    private static boolean hear(
            Feed.Follower<ProgramMessage> answers, String action, Map<Integer, ProcessView> awaited, Notes notes)
            throws InterruptedException {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!awaited.isEmpty()) {
            Optional<ProgramMessage> message = answers.next(Duration.ofNanos(deadlineNanos - System.nanoTime()));
            if (message.isEmpty()) {
                awaited.values()
                        .forEach(view -> notes.error(
                                "[" + view.name() + ":" + view.pmId() + "] has not answered within " + PATIENCE));
                return false;
            }
            ProcessView view = awaited.get(message.get().pmId());
            Optional<String> answer = view == null ? Optional.empty() : Actions.answer(message.get(), action);
            if (view != null && answer.isPresent()) {
                notes.info("[" + view.name() + ":" + view.pmId() + ":" + view.namespace() + "]=" + answer.get());
                awaited.remove(view.pmId());
            }
        }
        return true;
    }

    /// What an object says under two names, such as `data.action_name`.
    static Optional<String> inner(JsonTree message, String outer, String name) throws IOException {
        return message.has(outer) && message.tree(outer).has(name)
                ? Optional.of(message.tree(outer).text(name))
                : Optional.empty();
    }
}
