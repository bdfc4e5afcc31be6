package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.daemon.traffic.AccessLogFiles;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.Level;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ReplySink;
import io.pm2j.supervisor.log.LogFeed;
import io.pm2j.supervisor.log.LogRecord;
import io.pm2j.supervisor.log.LogShelf;
import io.pm2j.supervisor.log.LogTail;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Shows logs: first the last lines of each file, then what is printed from then on.
final class LogDesk {
    private final Supervisor supervisor;
    private final LogFeed feed;
    private final LogShelf shelf;
    private final AccessLogFiles accessLogs;

    LogDesk(Supervisor supervisor, AccessLogFiles accessLogs) {
        this.supervisor = supervisor;
        this.feed = supervisor.feed();
        this.shelf = supervisor.logs();
        this.accessLogs = accessLogs;
    }

    /// Empties the log files of instances, and `also`. PM2: `flush`.
    boolean flush(List<ProcessView> chosen, List<Path> also, Progress progress) {
        Set<Path> paths = new LinkedHashSet<>(also);
        for (ProcessView view : chosen) {
            paths.add(Path.of(view.outLogPath()));
            paths.add(Path.of(view.errorLogPath()));
            supervisor.combinedLog(new AppName(view.name()), view.pmId()).ifPresent(paths::add);
        }
        paths.removeIf(LogShelf::discards);
        progress.info("Flushing:");
        paths.forEach(path -> progress.info(path.toString()));
        try {
            shelf.flush(paths);
        } catch (IOException e) {
            progress.error("cannot flush: " + e.getMessage());
            return false;
        }
        progress.info("Logs flushed");
        return true;
    }

    /// PM2: `reloadLogs`, and SIGUSR2 to the daemon.
    void reopen() {
        shelf.reopenAll();
        accessLogs.reopen();
    }

    /// Follows until the client hangs up (which interrupts) when that is wanted.
    int show(ControlRequest.Logs wanted, List<ProcessView> everything, ReplySink replies)
            throws IOException, InterruptedException {
        Selection selection = wanted.selectors().isEmpty()
                ? new Selection(everything, List.of())
                : Selection.of(wanted.selectors(), everything);
        if (!selection.unknown().isEmpty() && !wanted.follow()) {
            // PM2 shows nothing then, and it is no failure.
            for (String unknown : selection.unknown()) {
                replies.send(new ControlReply.Note(Level.WARN, "Process or Namespace " + unknown + " not found"));
            }
        } else if (!selection.unknown().isEmpty()) {
            for (String unknown : selection.unknown()) {
                replies.send(new ControlReply.Note(Level.ERROR, "Process or Namespace " + unknown + " not found"));
            }
            return 1;
        }
        // Followed before the files are read: a line printed in between is shown twice rather than never.
        Followed followed = Followed.of(wanted.selectors(), everything);
        try (LogFeed.Follower follower = feed.follow(line -> followed.wants(line.pmId(), line.app())
                && (line.stream() == LogRecord.Stream.OUT ? wanted.out() : wanted.err()))) {
            tails(wanted, selection.chosen(), replies);
            if (wanted.follow() && wanted.lines() == 0) {
                replies.send(ControlReply.LogHeader.FROM_NOW_ON);
            }
            while (wanted.follow()) {
                pass(follower.next(), replies);
                long lost = follower.takeLost();
                if (lost > 0) {
                    replies.send(new ControlReply.Note(Level.WARN, lost + " lines were not shown: too many at a time"));
                }
            }
        }
        return 0;
    }

    private static void pass(LogRecord line, ReplySink replies) throws IOException {
        replies.send(new ControlReply.LogLine(
                line.pmId(), line.app(), line.stream() == LogRecord.Stream.ERR, line.atMillis(), line.text()));
    }

    private static void tails(ControlRequest.Logs wanted, List<ProcessView> chosen, ReplySink replies)
            throws IOException {
        Set<String> shown = new HashSet<>();
        for (ProcessView view : chosen) {
            if (wanted.out() && shown.add(view.outLogPath())) {
                tail(view, view.outLogPath(), false, wanted.lines(), replies);
            }
            if (wanted.err() && shown.add(view.errorLogPath())) {
                tail(view, view.errorLogPath(), true, wanted.lines(), replies);
            }
        }
    }

    private static void tail(ProcessView view, String path, boolean error, int count, ReplySink replies)
            throws IOException {
        if (path.equals("/dev/null") || count <= 0) {
            return;
        }
        List<String> lines = LogTail.last(Path.of(path), count);
        replies.send(new ControlReply.LogHeader(path, count));
        for (String line : lines) {
            replies.send(new ControlReply.LogLine(view.pmId(), view.name(), error, 0, line));
        }
    }
}
