package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.LogShape;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.config.spec.WatchSpec;
import io.pm2j.supervisor.app.ProcessView;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// `pm2-dev`: apps that are restarted at each change of their folder, with what they print, until Ctrl-C.
final class Dev {
    /// PM2: 1 s, so that a program with an error does not flood the terminal.
    private static final Duration RESTART_DELAY = Duration.ofSeconds(1);

    private Dev() {}

    static int run(Session session) throws Failure {
        List<String> ignored =
                List.of(session.typed.value(Option.IGNORE).orElse("").split(","));
        Container.Wanted wanted = Container.wanted(session).with(app -> watched(app, ignored));
        LogShape shape = Container.shape(session, LogShape.LABELLED);
        OneProcess process = OneProcess.start(session, shape);
        try {
            process.launch(wanted);
            if (session.typed.has(Option.TEST_MODE)) {
                process.end(ExitCode.OK);
            }
            session.info("watching; Ctrl-C ends it");
            Restarts restarts = new Restarts();
            process.stay(session.typed.has(Option.AUTO_EXIT), views -> {
                if (restarts.more(views)) {
                    execute(session);
                }
            });
        } catch (Failure e) {
            process.fail(e);
        } catch (InterruptedException e) {
            process.end(ExitCode.FAILED);
        }
        return ExitCode.OK;
    }

    private static AppSpec watched(AppSpec app, List<String> ignored) {
        WatchSpec watch = app.watch();
        List<String> ignore = new ArrayList<>(watch.ignored());
        ignored.stream().filter(name -> !name.isBlank()).forEach(ignore::add);
        RestartSpec restart = app.restart();
        return app.draft()
                .watch(new WatchSpec(
                        watch.paths().isEmpty() ? List.of(app.cwd()) : watch.paths(), ignore, watch.delay()))
                .restart(new RestartSpec(
                        restart.automatic(),
                        restart.minUptime(),
                        restart.maxUnstable(),
                        restart.delay().isZero() ? RESTART_DELAY : restart.delay(),
                        restart.backoff(),
                        restart.finalExitCodes(),
                        restart.maxMemoryBytes(),
                        restart.cron(),
                        restart.watchdog()))
                .spec();
    }

    /// Whether an app was started again since the last look.
    private static final class Restarts {
        private int last;

        boolean more(List<ProcessView> views) {
            int now = views.stream().mapToInt(ProcessView::restarts).sum();
            boolean more = now > last;
            last = now;
            return more;
        }
    }

    private static void execute(Session session) {
        String command = session.typed.value(Option.POST_EXEC).orElse("");
        if (command.isEmpty()) {
            return;
        }
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectInput(new File("/dev/null"));
        if (session.typed.has(Option.SILENT_EXEC)) {
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        } else {
            builder.redirectOutput(ProcessBuilder.Redirect.INHERIT).redirectError(ProcessBuilder.Redirect.INHERIT);
        }
        try {
            builder.start();
        } catch (IOException e) {
            session.warn("--post-exec cannot be run: " + e.getMessage());
        }
    }
}
