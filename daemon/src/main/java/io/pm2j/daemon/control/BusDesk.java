package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.Feed;
import io.pm2j.supervisor.app.ProcessEvent;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.ProgramMessage;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.Happening;
import io.pm2j.supervisor.control.ControlReply.Level;
import io.pm2j.supervisor.control.ReplySink;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import io.pm2j.supervisor.log.LogFeed;
import io.pm2j.supervisor.log.LogRecord;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Tells what happens to whoever follows: PM2's bus, by its topics and payloads.
final class BusDesk {
    private static final String MESSAGE = "process:msg";

    private final Supervisor supervisor;

    BusDesk(Supervisor supervisor) {
        this.supervisor = supervisor;
    }

    /// Tells until the client hangs up, which interrupts.
    int tell(List<String> selectors, List<ProcessView> everything, ReplySink replies)
            throws IOException, InterruptedException {
        Selection selection =
                selectors.isEmpty() ? new Selection(everything, List.of()) : Selection.of(selectors, everything);
        for (String unknown : selection.unknown()) {
            replies.send(new ControlReply.Note(Level.ERROR, "Process or Namespace " + unknown + " not found"));
        }
        if (!selection.unknown().isEmpty()) {
            return 1;
        }
        Followed followed = Followed.of(selectors, everything);
        try (Feed.Follower<ProgramMessage> messages = supervisor.messages().follow();
                Feed.Follower<ProcessEvent> events = supervisor.events().follow();
                LogFeed.Follower lines = supervisor.feed().follow(line -> followed.wants(line.pmId(), line.app()))) {
            // What stands in the feeds from now on is told: the client may begin what it wants to see.
            replies.send(new Happening("bus:open", "{}"));
            Thread telling = Thread.ofVirtual()
                    .start(() -> untilGone(() -> {
                        ProgramMessage message = messages.next();
                        if (followed.wants(message.pmId(), message.app())) {
                            replies.send(said(message));
                        }
                    }));
            Thread happening = Thread.ofVirtual()
                    .start(() -> untilGone(() -> {
                        ProcessEvent event = events.next();
                        if (followed.wants(event.pmId(), event.app())) {
                            replies.send(happened(event));
                        }
                    }));
            try {
                while (true) {
                    replies.send(printed(lines.next()));
                    long lost = lines.takeLost();
                    if (lost > 0) {
                        replies.send(new ControlReply.Note(Level.WARN, lost + " lines were not told: too many"));
                    }
                }
            } finally {
                telling.interrupt();
                happening.interrupt();
            }
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private static void untilGone(Step step) {
        try {
            while (true) {
                step.run();
            }
        } catch (IOException e) {
            // the client has gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// PM2: what has a `type` and `data` is an event of that type, anything else is raw.
    private Happening said(ProgramMessage message) throws IOException {
        try {
            JsonTree tree = JsonTree.parse(message.json());
            if (tree.has("type") && tree.has("data")) {
                String data = tree.json("data");
                return new Happening(tree.text("type"), payload(message, "data", data));
            }
        } catch (IOException other) {
            // a program may say what it likes
        }
        return new Happening(MESSAGE, payload(message, "raw", message.json()));
    }

    private String payload(ProgramMessage message, String name, String json) throws IOException {
        return "{\"process\":" + JsonText.of(process(message.pmId(), message.app())) + ",\"at\":" + message.atMillis()
                + ",\"" + name + "\":" + json + "}";
    }

    private Happening printed(LogRecord line) throws IOException {
        String topic = line.stream() == LogRecord.Stream.ERR ? "log:err" : "log:out";
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("process", process(line.pmId(), line.app()));
        payload.put("at", line.atMillis());
        payload.put("data", line.text() + "\n");
        return new Happening(topic, JsonText.of(payload));
    }

    private Map<String, Object> process(int pmId, String app) {
        Map<String, Object> process = new LinkedHashMap<>();
        process.put("pm_id", (long) pmId);
        process.put("name", app);
        process.put(
                "namespace",
                supervisor.spec(new AppName(app)).map(AppSpec::namespace).orElse(AppSpec.DEFAULT_NAMESPACE));
        return process;
    }

    private static Happening happened(ProcessEvent event) throws IOException {
        Map<String, Object> process = new LinkedHashMap<>();
        process.put("pm_id", (long) event.pmId());
        process.put("name", event.app());
        process.put("namespace", event.namespace());
        process.put("pid", (long) event.pid());
        process.put("status", event.status());
        process.put("restart_time", (long) event.restarts());
        event.exitCode().ifPresent(code -> process.put("exit_code", (long) code));
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("event", event.event());
        payload.put("manually", event.manually());
        payload.put("process", process);
        payload.put("at", event.atMillis());
        return new Happening("process:event", JsonText.of(payload));
    }
}
