package io.pm2j.cli.command;

import io.pm2j.cli.boot.InitSystem;
import io.pm2j.cli.boot.Service;
import io.pm2j.cli.typed.CalledAs;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.read.Nearest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/// `startup` and `unstartup`: whether the daemon comes up with the machine.
final class Startup {
    static final String USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final Path ACCOUNTS = Path.of("/etc/passwd");

    private Startup() {}

    static int startup(Session session) throws Failure {
        InitSystem system = system(session);
        Service service = service(session);
        Path file = Path.of(system.fileOf(service));
        session.info("Init System found: " + system.text());
        if (session.typed.has(Option.DRY_RUN)) {
            told(session, system, file, system.enabling(service));
            session.out.print(system.textOf(service));
            return ExitCode.OK;
        }
        if (!isRoot()) {
            return sudo(session, system, service, "startup");
        }
        told(session, system, file, system.enabling(service));
        write(file, system.textOf(service), system.isScript());
        try {
            for (List<String> command : system.enabling(service)) {
                run(session, command, true);
            }
        } catch (Failure e) {
            remove(file);
            throw e;
        }
        session.info("[v] " + service.name() + " starts with the machine; what runs then is what runs now");
        return ExitCode.OK;
    }

    static int unstartup(Session session) throws Failure {
        InitSystem system = system(session);
        Service service = service(session);
        Path file = Path.of(system.fileOf(service));
        if (session.typed.has(Option.DRY_RUN)) {
            told(session, system, file, system.disabling(service));
            return ExitCode.OK;
        }
        if (!isRoot()) {
            return sudo(session, system, service, "unstartup");
        }
        if (!Files.exists(file)) {
            throw new Failure("there is no " + file + " (expected: one that startup has written)");
        }
        // What is not enabled cannot be disabled, and is to be removed all the same.
        for (List<String> command : system.disabling(service)) {
            run(session, command, false);
        }
        remove(file);
        session.info("[v] " + file + " removed");
        return ExitCode.OK;
    }

    private static InitSystem system(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        if (operands.isEmpty()) {
            return InitSystem.found(Programs::isInPath)
                    .orElseThrow(() -> new Failure(
                            "Init system not found (expected: " + String.join(", ", InitSystem.names()) + ")"));
        }
        String name = operands.getFirst();
        return InitSystem.named(name).orElseThrow(() -> {
            String near = Nearest.to(name, InitSystem.names())
                    .map(n -> "; did you mean " + n + "?")
                    .orElse("");
            return new Failure(
                    "init system '" + name + "' (expected: " + String.join(", ", InitSystem.names()) + near + ")");
        });
    }

    static Service service(Session session) throws Failure {
        String user = session.typed.value(Option.USER).orElse(System.getProperty("user.name", ""));
        boolean said = System.getenv(CalledAs.now().homeVariable()) != null;
        boolean own = !session.typed.has(Option.HOME_PATH) && (said || !session.typed.has(Option.USER));
        String folder = CalledAs.now() == CalledAs.PM2J ? ".pm2j" : ".pm2";
        Path home = own ? session.link.home() : homeOf(session, user).resolve(folder);
        String prefix = CalledAs.now() == CalledAs.PM2J ? "pm2j-" : "pm2-";
        Service service = new Service(
                session.typed.value(Option.SERVICE_NAME).orElse(prefix + user),
                user,
                home.toString(),
                launcher(),
                Optional.ofNullable(System.getenv("PATH")).orElse(USUAL_PATH),
                session.typed.has(Option.WAIT_IP));
        Optional<String> unfit = service.unfit();
        if (unfit.isPresent()) {
            throw new Failure(unfit.get());
        }
        return service;
    }

    private static Path homeOf(Session session, String user) throws Failure {
        Optional<String> typed = session.typed.value(Option.HOME_PATH);
        if (typed.isPresent()) {
            return Path.of(typed.get());
        }
        try {
            for (String line : Files.readAllLines(ACCOUNTS, StandardCharsets.ISO_8859_1)) {
                String[] fields = line.split(":", -1);
                if (fields.length > 5 && fields[0].equals(user)) {
                    return Path.of(fields[5]);
                }
            }
        } catch (IOException e) {
            throw new Failure(
                    "cannot read " + ACCOUNTS + ": " + e.getMessage() + " (--hp says the home of " + user + ")");
        }
        throw new Failure("no user " + user + " in " + ACCOUNTS + " (expected: one, or --hp with the home)");
    }

    /// The program that this was started by.
    static String launcher() throws Failure {
        return Optional.ofNullable(System.getProperty("pm2j.launcher"))
                .orElseThrow(() -> new Failure("pm2j.launcher is not set (expected: by the launcher)"));
    }

    private static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException | UnsupportedOperationException e) {
            return System.getProperty("user.name", "").equals("root");
        }
    }

    /// PM2: exit code 1, and the line to copy.
    private static int sudo(Session session, InitSystem system, Service service, String command) {
        session.info("To setup the Startup Script, copy/paste the following command:");
        session.out.println(
                "sudo env PATH='" + service.path() + "' " + CalledAs.now().homeVariable() + "='"
                        + service.home() + "' '" + service.launcher() + "' " + command + " " + system.text() + " -u "
                        + service.user() + " --service-name " + service.name()
                        + (service.waitsForNetwork() ? " --wait-ip" : ""));
        return ExitCode.FAILED;
    }

    private static void told(Session session, InitSystem system, Path file, List<List<String>> commands) {
        session.out.println("Platform " + system.text());
        session.out.println("Target path");
        session.out.println(file);
        session.out.println("Command list");
        commands.forEach(command -> session.out.println(String.join(" ", command)));
        session.out.println();
    }

    private static void write(Path file, String text, boolean script) throws Failure {
        try {
            Files.createDirectories(file.getParent());
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, text);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(script ? "rwxr-xr-x" : "rw-r--r--"));
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Failure("cannot write " + file + ": " + e.getMessage());
        }
    }

    private static void remove(Path file) throws Failure {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new Failure("cannot remove " + file + ": " + e.getMessage());
        }
    }

    private static void run(Session session, List<String> command, boolean mustSucceed) throws Failure {
        session.out.println("[-] Executing: " + String.join(" ", command) + "...");
        session.out.flush();
        int code;
        try {
            code = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new Failure(command.getFirst() + " cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
        if (code == 0) {
            session.out.println("[v] Command successfully executed.");
        } else if (mustSucceed) {
            throw new Failure("Exit code : " + code + " of " + String.join(" ", command));
        }
    }
}
