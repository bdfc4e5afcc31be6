package io.pm2j.daemon;

import io.pm2j.daemon.handover.Successor;
import io.pm2j.daemon.service.ServiceManager;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.supervisor.process.Posix;
import java.io.IOException;
import java.nio.file.Path;

/// The daemon's entry: `PM2J_HOME` (or `~/.pm2j`) says where it lives. Exit codes: 0 stopped as asked, 1 the home is
/// taken or unusable, or a setting is not understood.
///
/// The property `pm2j.home` is set where the command line has it in its own process (`pm2-runtime`): it says where the
/// daemon lives, and the terminal is kept, as Ctrl-C is to end both. The property `pm2j.resurrect` has it start what
/// was saved.
public final class Main {
    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        DaemonLog.install();
        String given = System.getProperty("pm2j.home");
        if (given == null) {
            Posix.leaveTerminal();
        }
        String wanted = given == null ? System.getenv("PM2J_HOME") : given;
        Path root = wanted == null || wanted.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".pm2j")
                : Path.of(wanted);
        if (Boolean.getBoolean("pm2j.training")) {
            System.exit(train(root));
        }
        if (args.length == 2 && args[0].equals(Successor.CHECK)) {
            System.exit(check(Path.of(args[1])));
        }
        ServiceManager service = given == null ? ServiceManager.of(System.getenv()) : ServiceManager.NONE;
        boolean takesOver = args.length == 2 && args[0].equals(Successor.TAKE_OVER);
        Daemon daemon;
        try {
            daemon = takesOver
                    ? takeOver(root.toAbsolutePath(), service, Successor.begin(Path.of(args[1])))
                    : Daemon.start(DaemonHome.take(root.toAbsolutePath()), transport(), service);
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("pm2j daemon: " + e.getMessage());
            service.status("cannot start: " + e.getMessage());
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(daemon::saveAndStop, "pm2j-stop"));
        Signals.handle("USR2", daemon::reopenLogs);
        if (!takesOver) {
            daemon.serve(Boolean.getBoolean("pm2j.resurrect"));
        }
        daemon.awaitKilled();
        System.exit(0);
    }

    /// The system property `pm2j.transport`, or the environment's `PM2J_TRANSPORT`.
    private static Transport transport() {
        return Transport.wanted(System.getProperty("pm2j.transport", System.getenv("PM2J_TRANSPORT")));
    }

    /// Whatever fails before it is ready, the former program goes on.
    private static Daemon takeOver(Path root, ServiceManager service, Successor successor) throws IOException {
        try {
            Transport transport = transport();
            successor.checkTransport(transport);
            return Daemon.takeOver(
                    DaemonHome.takeOver(root, successor.handover().lock()), transport, service, successor);
        } catch (IOException | RuntimeException | Error e) {
            successor.back(String.valueOf(e.getMessage() == null ? e : e.getMessage()));
            throw e;
        }
    }

    private static int check(Path handover) {
        String objection = Successor.objection(handover, transport());
        if (!objection.isEmpty()) {
            System.err.println("pm2j daemon: " + objection);
        }
        return objection.isEmpty() ? 0 : 1;
    }

    private static int train(Path root) throws InterruptedException {
        try {
            return Training.run(root.toAbsolutePath());
        } catch (IOException e) {
            System.err.println("pm2j daemon: " + e.getMessage());
            return 1;
        }
    }
}
