package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.view.AppTable;
import io.pm2j.cli.view.LogView;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlReply.LogLine;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `monit`: the table, and the last lines that the chosen apps printed, painted anew each second; `q` ends it.
final class Monitor {
    private static final long REPAINT_MILLIS = 1_000;
    private static final long KEY_MILLIS = 50;
    private static final int MOST_LINES = 200;
    private static final int USUAL_ROWS = 24;
    private static final String HOME_AND_CLEAR = "\u001b[H\u001b[2J";
    private static final String OTHER_SCREEN = "\u001b[?1049h\u001b[?25l";
    private static final String OWN_SCREEN = "\u001b[?25h\u001b[?1049l";

    private final Session session;
    private final List<String> chosen;
    private final Deque<String> printed = new ArrayDeque<>();

    private Monitor(Session session) {
        this.session = session;
        this.chosen = session.typed.operands();
    }

    static int run(Session session) throws Failure {
        if (!session.style.terminal() || System.console() == null && !hasTerminalInput()) {
            throw new Failure("monit needs a terminal (expected: pm2j list or pm2j logs in a pipe)");
        }
        return new Monitor(session).show();
    }

    private static boolean hasTerminalInput() {
        try {
            return terminal("size").matches("\\d+ \\d+");
        } catch (IOException e) {
            return false;
        }
    }

    private int show() throws Failure {
        if (!chosen.isEmpty() && session.quietly(chosen).processes().isEmpty()) {
            throw new Failure("Process or Namespace " + String.join(", ", chosen) + " not found");
        }
        Thread.ofPlatform().daemon().start(this::follow);
        String before;
        try {
            before = terminal("-g");
            String _ = terminal("-icanon", "-echo", "min", "0", "time", "0");
        } catch (IOException e) {
            throw new Failure("the terminal cannot be set: " + e.getMessage());
        }
        // Ctrl-C, too, gives the terminal back as it was.
        Thread restore = new Thread(() -> restore(before));
        Runtime.getRuntime().addShutdownHook(restore);
        session.out.print(OTHER_SCREEN);
        try {
            while (!session.out.checkError()) {
                paint();
                if (isEnded()) {
                    return ExitCode.OK;
                }
            }
            return ExitCode.OK;
        } finally {
            restore(before);
        }
    }

    private void restore(String settings) {
        session.out.print(OWN_SCREEN);
        session.out.flush();
        try {
            String _ = terminal(settings);
        } catch (IOException e) {
            // the terminal has gone
        }
    }

    private void paint() throws Failure {
        List<ProcessView> views = session.sorted(session.processes(chosen, true));
        List<String> lines = new ArrayList<>(AppTable.lines(views, session.style, System.currentTimeMillis()));
        int rows = rows();
        int left = Math.max(0, rows - lines.size() - 2);
        List<String> last;
        synchronized (printed) {
            List<String> all = List.copyOf(printed);
            last = all.subList(Math.max(0, all.size() - left), all.size());
        }
        lines.add(session.style.dim("q quits"));
        lines.addAll(last);
        session.out.print(HOME_AND_CLEAR + String.join("\r\n", lines));
        session.out.flush();
    }

    private static int rows() {
        try {
            String[] size = terminal("size").split(" ");
            int rows = Integer.parseInt(size[0]);
            return rows > 0 ? rows : USUAL_ROWS;
        } catch (IOException | NumberFormatException e) {
            return USUAL_ROWS;
        }
    }

    /// Waits until it is time to paint; the answer is whether `q` was typed.
    private static boolean isEnded() {
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REPAINT_MILLIS);
        try {
            while (System.nanoTime() < deadlineNanos) {
                while (System.in.available() > 0) {
                    int key = System.in.read();
                    if (key == 'q' || key == 'Q' || key < 0) {
                        return true;
                    }
                }
                TimeUnit.MILLISECONDS.sleep(KEY_MILLIS);
            }
            return false;
        } catch (IOException e) {
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void follow() {
        LogView view = new LogView(session.style);
        int columns = session.style.columns();
        try {
            int _ = session.ask(new ControlRequest.Logs(chosen, 0, true, true, true), reply -> {
                if (reply instanceof LogLine line) {
                    String text = view.live(line);
                    synchronized (printed) {
                        printed.add(text.length() > columns ? text.substring(0, columns) : text);
                        while (printed.size() > MOST_LINES) {
                            printed.removeFirst();
                        }
                    }
                }
            });
        } catch (Failure e) {
            synchronized (printed) {
                printed.add(String.valueOf(e.getMessage()));
            }
        }
    }

    /// What `stty` says; it speaks of its own standard input, which is ours.
    private static String terminal(String... words) throws IOException {
        List<String> command = new ArrayList<>();
        command.add("stty");
        command.addAll(List.of(words));
        Process stty = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectErrorStream(true)
                .start();
        String said = new String(stty.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip();
        try {
            if (stty.waitFor() != 0) {
                throw new IOException(said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return said;
    }
}
