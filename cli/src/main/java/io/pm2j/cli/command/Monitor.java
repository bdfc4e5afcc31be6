package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.view.Dashboard;
import io.pm2j.cli.view.LogBoard;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlReply.Happening;
import io.pm2j.supervisor.control.ControlReply.LogLine;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// `monit`: a screen of processes, the logs, figures and metadata of the chosen one, until `q` or Ctrl-C.
final class Monitor {
    private static final long REPAINT_MILLIS = 1_000;
    private static final long KEY_MILLIS = 50;
    private static final int FIRST_LINES = 50;
    private static final String OTHER_SCREEN = "\u001b[?1049h\u001b[?25l\u001b[2J";
    private static final String OWN_SCREEN = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final int ESCAPE = 0x1b;

    private final Session session;
    private final List<String> chosen;
    private final LogBoard board = new LogBoard();
    private final AtomicBoolean restored = new AtomicBoolean();
    private List<ProcessView> views = List.of();
    private int selected;

    private enum Key {
        NONE,
        UP,
        DOWN,
        QUIT
    }

    private Monitor(Session session, List<String> chosen) {
        this.session = session;
        this.chosen = chosen;
    }

    static int run(Session session) throws Failure {
        if (!session.style.terminal() || !Terminal.isThere()) {
            throw new Failure("monit needs a terminal (expected: pm2j list, pm2j logs or pm2j bus in a pipe)");
        }
        return new Monitor(session, Operands.narrowed(session, session.typed.operands())).show();
    }

    private int show() throws Failure {
        if (!chosen.isEmpty() && session.quietly(chosen).processes().isEmpty()) {
            throw new Failure("Process or Namespace " + String.join(", ", chosen) + " not found");
        }
        views = session.sorted(session.processes(chosen, true));
        int _ = session.ask(new ControlRequest.Logs(chosen, FIRST_LINES, true, true, false), reply -> {
            if (reply instanceof LogLine line) {
                board.take(line);
            }
        });
        Thread.ofPlatform().daemon().start(this::follow);
        String before;
        try {
            before = Terminal.takeKeys();
        } catch (IOException e) {
            throw new Failure("the terminal cannot be set: " + e.getMessage());
        }
        // Ctrl-C, too, gives the terminal back as it was.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> restore(before)));
        session.out.print(OTHER_SCREEN);
        try {
            return paintUntilQuit();
        } finally {
            restore(before);
        }
    }

    private int paintUntilQuit() throws Failure {
        while (!session.out.checkError()) {
            // Looking must not start a daemon anew.
            if (!session.link.isThere()) {
                throw new Failure("the daemon has ended");
            }
            views = session.sorted(session.processes(chosen, true));
            Terminal.Size size = Terminal.size();
            long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REPAINT_MILLIS);
            while (System.nanoTime() < deadlineNanos) {
                paint(size);
                switch (key(deadlineNanos)) {
                    case QUIT -> {
                        return ExitCode.OK;
                    }
                    case UP -> selected--;
                    case DOWN -> selected++;
                    case NONE -> {
                        // it is time to look again
                    }
                }
            }
        }
        return ExitCode.OK;
    }

    private void restore(String settings) {
        if (restored.compareAndSet(false, true)) {
            session.out.print(OWN_SCREEN);
            session.out.flush();
            Terminal.restore(settings);
        }
    }

    private void paint(Terminal.Size size) {
        selected = Math.clamp(selected, 0, Math.max(0, views.size() - 1));
        int pmId = views.isEmpty() ? -1 : views.get(selected).pmId();
        Dashboard.Picture picture = new Dashboard.Picture(views, selected, board.lines(pmId), board.metrics(pmId));
        List<String> lines =
                Dashboard.lines(picture, session.style, size.columns(), size.rows(), System.currentTimeMillis());
        session.out.print(HOME + String.join("\r\n", lines));
        session.out.flush();
    }

    /// What is typed, or nothing when the time is over.
    private static Key key(long deadlineNanos) {
        try {
            while (System.nanoTime() < deadlineNanos) {
                if (System.in.available() > 0) {
                    Key key = read();
                    if (key != Key.NONE) {
                        return key;
                    }
                } else {
                    TimeUnit.MILLISECONDS.sleep(KEY_MILLIS);
                }
            }
            return Key.NONE;
        } catch (IOException e) {
            return Key.QUIT;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Key.QUIT;
        }
    }

    /// An arrow is `ESC [ A`, or `ESC O A` (ECMA-48, and the application mode of terminals).
    private static Key read() throws IOException {
        int typed = System.in.read();
        if (typed == ESCAPE && System.in.available() >= 2) {
            int second = System.in.read();
            int third = System.in.read();
            boolean arrow = second == '[' || second == 'O';
            return !arrow ? Key.NONE : third == 'A' ? Key.UP : third == 'B' ? Key.DOWN : Key.NONE;
        }
        return switch (typed) {
            case 'q', 'Q', -1 -> Key.QUIT;
            case 'k' -> Key.UP;
            case 'j' -> Key.DOWN;
            default -> Key.NONE;
        };
    }

    private void follow() {
        try {
            int _ = session.ask(new ControlRequest.Bus(chosen), reply -> {
                if (reply instanceof Happening happening) {
                    board.take(happening);
                }
            });
        } catch (Failure e) {
            // the daemon has ended, which the screen will say
        }
    }
}
