package io.pm2j.cli.command;

import io.pm2j.cli.link.DaemonLink;
import io.pm2j.cli.link.DaemonLink.Reached;
import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.CalledAs;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.AppTable;
import io.pm2j.cli.view.MiniList;
import io.pm2j.cli.view.Order;
import io.pm2j.cli.view.Style;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlClient;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.Listing;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// What a command works with: what was typed, the daemon, and where to print.
public final class Session {
    /// The version of pm2j.
    public static final String PM2J_VERSION = version();

    final Arguments typed;
    final DaemonLink link;
    final PrintStream out;
    final PrintStream err;
    final Style style;
    /// Where sentences for people go.
    private PrintStream notes;
    /// What the daemon says is not for people now.
    private boolean muted;

    public Session(Arguments typed, DaemonLink link, PrintStream out, PrintStream err, Style style) {
        this.typed = typed;
        this.link = link;
        this.out = out;
        this.notes = out;
        this.err = err;
        this.style = style;
    }

    /// Asks the daemon, starting one where none is. Notes are printed as they come, everything else goes to `replies`.
    ///
    /// @return the exit code that the daemon gave
    int ask(ControlRequest request, Consumer<ControlReply> replies) throws Failure {
        return converse(clientOrNewDaemon(), request, replies);
    }

    ControlClient clientOrNewDaemon() throws Failure {
        // Not a switch over patterns: its first use costs the usual command 3 ms.
        Reached reached = link.reach();
        if (reached instanceof Reached.Daemon(ControlClient client)) {
            return client;
        }
        if (reached instanceof Reached.Dead) {
            warn("the former daemon of " + link.home() + " died; a new one takes over its apps");
        }
        return spawn();
    }

    private ControlClient spawn() throws Failure {
        String product = CalledAs.now().product();
        info("Spawning " + product + " daemon with pm2_home=" + link.home());
        ControlClient client = link.start();
        info(product + " daemon successfully started");
        return client;
    }

    /// Asks for something after which the daemon may be another program: then there is no exit
    /// code.
    OptionalInt converseToItsEnd(ControlRequest request) throws Failure {
        try (ControlClient client = clientOrNewDaemon()) {
            client.ask(request, PM2J_VERSION);
            return notesOf(client);
        } catch (IOException e) {
            throw new Failure("the daemon went away: " + e.getMessage());
        }
    }

    /// Asks the program that the daemon has become, once it answers; the exit code.
    int askSuccessor(ControlRequest request) throws Failure {
        return link.askSuccessor(client -> {
            client.ask(request, PM2J_VERSION);
            return notesOf(client).orElseThrow(() -> new IOException("no answer"));
        });
    }

    private OptionalInt notesOf(ControlClient client) throws IOException {
        while (true) {
            Optional<ControlReply> reply = client.nextIfAny();
            if (reply.isEmpty()) {
                return OptionalInt.empty();
            }
            if (reply.get() instanceof ControlReply.Done(int exitCode)) {
                return OptionalInt.of(exitCode);
            }
            if (reply.get() instanceof ControlReply.Note(ControlReply.Level level, String text)) {
                note(level, text);
            }
        }
    }

    /// Asks the daemon behind `client`, and closes it.
    int converse(ControlClient client, ControlRequest request, Consumer<ControlReply> replies) throws Failure {
        try (client) {
            client.ask(request, PM2J_VERSION);
            while (true) {
                ControlReply reply = client.next();
                if (reply instanceof ControlReply.Done(int exitCode)) {
                    return exitCode;
                }
                if (!(reply instanceof ControlReply.Note(ControlReply.Level level, String text))) {
                    replies.accept(reply);
                } else if (!muted) {
                    note(level, text);
                }
                if (out.checkError()) {
                    return 0; // whoever read our output has seen enough
                }
            }
        } catch (IOException e) {
            throw new Failure("the daemon went away: " + e.getMessage());
        }
    }

    private void note(ControlReply.Level level, String text) {
        switch (level) {
            case INFO -> info(text);
            case WARN -> warn(text);
            case ERROR -> err.println(style.error("[PM2][ERROR] ") + text);
        }
    }

    /// A program reads our output: what is for people goes to the other stream from now on.
    void notesAside() {
        notes = err;
    }

    void info(String sentence) {
        if (!typed.has(Option.SILENT)) {
            notes.println(style.good("[PM2] ") + sentence);
        }
    }

    void warn(String sentence) {
        if (!typed.has(Option.SILENT)) {
            notes.println(style.warning("[PM2][WARN] ") + sentence);
        }
    }

    /// The instances that selectors choose; all without a selector. `brief`: without their environments.
    List<ProcessView> processes(List<String> selectors, boolean brief) throws Failure {
        return listing(selectors, brief).processes();
    }

    /// The instances that selectors choose, all without a selector, and what is wanted of their apps.
    Listing listing(List<String> selectors) throws Failure {
        return listing(selectors, false);
    }

    /// As [#listing(List)], for what is only a step to something else: whoever does that complains of what is unknown.
    Listing quietly(List<String> selectors) throws Failure {
        muted = true;
        try {
            return listing(selectors, false);
        } finally {
            muted = false;
        }
    }

    private Listing listing(List<String> selectors, boolean brief) throws Failure {
        List<Listing> found = new ArrayList<>();
        int _ = ask(new ControlRequest.Processes(selectors, brief), reply -> {
            if (reply instanceof Listing listing) {
                found.add(listing);
            }
        });
        return found.isEmpty() ? new Listing(List.of()) : found.getFirst();
    }

    /// In the order that `--sort` asks for.
    List<ProcessView> sorted(List<ProcessView> views) throws Failure {
        String wish = typed.value(Option.SORT).orElse("");
        if (wish.isEmpty()) {
            return views;
        }
        return Order.of(wish, views)
                .orElseThrow(() -> new Failure("--sort: '" + wish + "' (expected: " + Order.EXPECTED + ")"));
    }

    /// Prints the table of all instances. PM2: most commands end with it.
    void table() throws Failure {
        if (typed.has(Option.SILENT)) {
            return;
        }
        List<ProcessView> views = sorted(processes(List.of(), true));
        long now = System.currentTimeMillis();
        lines(typed.has(Option.MINI_LIST) ? MiniList.lines(views, now) : AppTable.lines(views, style, now));
    }

    /// Ends a command that went as `code` says: with the table when it went well.
    int withTable(int code) throws Failure {
        if (code == ExitCode.OK) {
            table();
        }
        return code;
    }

    void lines(List<String> lines) {
        out.println(String.join("\n", lines));
    }

    private static String version() {
        String version = Session.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0-SNAPSHOT" : version;
    }
}
