package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.config.read.EdgeText;
import io.pm2j.daemon.admin.AdminServer;
import io.pm2j.daemon.edge.EdgeDesk;
import io.pm2j.daemon.edge.EdgeRefused;
import io.pm2j.daemon.reload.ConfigDesk;
import io.pm2j.daemon.site.Sites;
import io.pm2j.daemon.traffic.AccessLogFiles;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlHandler;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.Level;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ReplySink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// Answers the command line: takes each request to the desk that does it. Requests run side by side.
public final class ControlDesk implements ControlHandler {
    private static final int OK = 0;
    private static final int FAILED = 1;

    private final AdminServer admin;
    private final Supervisor supervisor;
    private final Listed listed;
    private final StartDesk starts;
    private final ActDesk acts;
    private final TalkDesk talks;
    private final EdgeDesk edge;
    private final ConfigDesk configs;
    private final LogDesk logs;
    private final BusDesk bus;
    private final DumpDesk dumps;
    private final MaintenanceDesk maintenance;
    private final AccessLogFiles accessLogs;
    private final Path ownLog;
    private final Runnable settleIds;
    private final Runnable stopDaemon;
    private final Runnable endProcess;

    /// `everything` lists apps and sites; `settleIds` lets the numbering begin anew when the list
    /// is empty; `stopDaemon` stops everything, `endProcess` then ends the process.
    public ControlDesk(
            Supervisor supervisor,
            Sites sites,
            AdminServer admin,
            EdgeDesk edge,
            ConfigDesk configs,
            DumpDesk dumps,
            MaintenanceDesk maintenance,
            AccessLogFiles accessLogs,
            Path ownLog,
            Supplier<List<ProcessView>> everything,
            Runnable settleIds,
            Runnable stopDaemon,
            Runnable endProcess) {
        this.admin = admin;
        this.supervisor = supervisor;
        this.listed = new Listed(supervisor, sites, everything);
        this.starts = new StartDesk(supervisor, sites, listed, settleIds);
        this.acts = new ActDesk(supervisor, sites, listed, maintenance);
        this.talks = new TalkDesk(supervisor, listed);
        this.edge = edge;
        this.configs = configs;
        this.logs = new LogDesk(supervisor, accessLogs);
        this.bus = new BusDesk(supervisor);
        this.dumps = dumps;
        this.maintenance = maintenance;
        this.accessLogs = accessLogs;
        this.ownLog = ownLog;
        this.settleIds = settleIds;
        this.stopDaemon = stopDaemon;
        this.endProcess = endProcess;
    }

    @Override
    public void handle(ControlRequest request, ReplySink replies) throws Exception {
        Notes notes = new Notes(replies);
        switch (request) {
            case ControlRequest.Processes(List<String> selectors, boolean brief) -> list(selectors, brief, replies);
            case ControlRequest.Logs wanted -> done(replies, logs.show(wanted, listed.everything(), replies));
            case ControlRequest.Bus(List<String> selectors) ->
                done(replies, bus.tell(selectors, listed.everything(), replies));
            case ControlRequest.Kill _ -> kill(replies);
            case ControlRequest.Ping _ -> done(replies, OK);
            case ControlRequest.Web(int port) -> done(replies, code(web(port, notes)));
            case ControlRequest.Flush(List<String> selectors) -> done(replies, code(flush(selectors, notes)));
            case ControlRequest.ReloadLogs _ -> {
                logs.reopen();
                done(replies, OK);
            }
            case ControlRequest.Tell(List<String> selectors, String json) ->
                done(replies, code(talks.tell(selectors, json, notes)));
            case ControlRequest.SendSignal(String signal, List<String> selectors) ->
                done(replies, code(talks.signal(signal, selectors, notes)));
            case ControlRequest.SendLine(int pmId, String line) ->
                done(replies, code(talks.sendLine(pmId, line, notes)));
            case ControlRequest.Trigger trigger -> done(replies, code(talks.trigger(trigger, notes)));
            case ControlRequest.Save(boolean force) -> done(replies, code(dumps.save(force, notes)));
            case ControlRequest.Autosave(boolean on) -> done(replies, code(dumps.autosave(on, notes)));
            case ControlRequest.ClearDump _ -> done(replies, code(dumps.clear(notes)));
            case ControlRequest.Edge(String file, EdgeText text) -> done(replies, code(edge(file, text, notes)));
            case ControlRequest.Start start -> changed(starts.start(start, notes), notes);
            case ControlRequest.Renew renew -> changed(starts.renew(renew, notes), notes);
            case ControlRequest.Serve serve -> changed(starts.serve(serve, notes), notes);
            case ControlRequest.Act act -> changed(acts.act(act, notes), notes);
            case ControlRequest.Amend amend -> changed(acts.amend(amend, notes), notes);
            case ControlRequest.RollBack rollBack -> changed(acts.rollBack(rollBack, notes), notes);
            case ControlRequest.Promote(String app, int percent) -> changed(acts.promote(app, percent, notes), notes);
            case ControlRequest.Abort(String app) -> changed(acts.abort(app, notes), notes);
            case ControlRequest.Maintain(String app, var how) ->
                changed(acts.isApp(app, notes) && maintenance.put(new AppName(app), how, notes), notes);
            case ControlRequest.Scale(String app, String amount) -> changed(acts.scale(app, amount, notes), notes);
            case ControlRequest.Converge converge -> changed(configs.handle(converge, notes), notes);
            case ControlRequest.Update _, ControlRequest.Updated _ ->
                throw new IllegalStateException("answered before the desk");
            case ControlRequest.Resurrect _ -> {
                settleIds.run();
                changed(dumps.resurrect(notes), notes);
            }
        }
    }

    private boolean edge(String file, EdgeText text, Notes notes) throws InterruptedException {
        try {
            edge.apply(Path.of(file), text);
            return true;
        } catch (EdgeRefused e) {
            notes.error(e.sentence());
            return false;
        }
    }

    /// The list is another now: the edge forgets files whose apps are gone, and it is saved where every change is.
    private void changed(boolean good, Notes notes) throws IOException, InterruptedException {
        changed(code(good), notes);
    }

    private void changed(int exitCode, Notes notes) throws IOException, InterruptedException {
        edge.settle(supervisor.names());
        configs.settle(supervisor.names());
        maintenance.settle(supervisor.names());
        dumps.afterChange(notes);
        done(notes.replies(), exitCode);
    }

    private static int code(boolean good) {
        return good ? OK : FAILED;
    }

    private static void done(ReplySink replies, int exitCode) throws IOException {
        replies.send(new ControlReply.Done(exitCode));
    }

    private void list(List<String> selectors, boolean brief, ReplySink replies) throws IOException {
        Selection selection = listed.chosen(selectors);
        for (String unknown : selection.unknown()) {
            replies.send(new ControlReply.Note(Level.WARN, unknown + " doesn't exist"));
        }
        for (String banner : configs.banners()) {
            replies.send(new ControlReply.Note(Level.WARN, banner));
        }
        for (String banner : edge.banners()) {
            replies.send(new ControlReply.Note(Level.WARN, banner));
        }
        for (String banner : Listed.banners(selection.chosen())) {
            replies.send(new ControlReply.Note(Level.WARN, banner));
        }
        List<ProcessView> chosen = selection.chosen();
        replies.send(new ControlReply.Listing(chosen, brief ? List.of() : listed.specs(chosen)));
        done(replies, code(selection.unknown().isEmpty()));
    }

    /// PM2: without a selector the daemon's own log is emptied too; so are the edge's.
    private boolean flush(List<String> selectors, Notes notes) {
        if (selectors.isEmpty()) {
            List<Path> also = new ArrayList<>(accessLogs.paths());
            also.add(ownLog);
            return logs.flush(listed.everything(), also, notes);
        }
        return listed.known(selectors, notes)
                .map(selection -> logs.flush(selection.chosen(), List.of(), notes))
                .orElse(false);
    }

    private boolean web(int port, Notes notes) throws InterruptedException {
        try {
            int open = admin.open(port);
            notes.info("Web interface on http://127.0.0.1:" + open + "/ and /metrics");
            return true;
        } catch (IOException e) {
            notes.error(String.valueOf(e.getMessage()));
            return false;
        }
    }

    /// The answer goes out when all is stopped, and before the process ends. A client that hangs up
    /// meanwhile interrupts this thread, not the stopping.
    private void kill(ReplySink replies) throws IOException {
        try {
            CompletableFuture.runAsync(stopDaemon).join();
            done(replies, OK);
        } finally {
            endProcess.run();
        }
    }
}
