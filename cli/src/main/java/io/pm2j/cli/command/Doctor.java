package io.pm2j.cli.command;

import io.pm2j.cli.link.DaemonLink.Reached;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.JsonList;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `doctor`: what of this machine and this home could keep apps from running well, and what to do about it. Starts
/// nothing and changes nothing. Exit code 1 when something will not work.
final class Doctor {
    private static final int LEAST_JAVA = 25;
    private static final long FEW_FILES = 4_096;
    private static final long FEW_WATCHES = 65_536;
    private static final long LITTLE_SPACE = 512L << 20;
    private static final int USUAL_WEB_PORT = 9615;
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private final Session session;
    private final List<Finding> findings = new ArrayList<>();

    private Doctor(Session session) {
        this.session = session;
    }

    private enum Grade {
        OK("ok  "),
        WARN("warn"),
        FAIL("fail");

        private final String text;

        Grade(String text) {
            this.text = text;
        }
    }

    /// `advice` is empty when nothing is to be done.
    private record Finding(Grade grade, String what, String seen, String advice) {}

    static int run(Session session) throws Failure {
        Doctor doctor = new Doctor(session);
        doctor.look();
        doctor.tell();
        return doctor.findings.stream().anyMatch(f -> f.grade == Grade.FAIL) ? ExitCode.FAILED : ExitCode.OK;
    }

    private void look() throws Failure {
        java();
        home();
        daemon();
        openFiles();
        number(
                "watched files",
                "/proc/sys/fs/inotify/max_user_watches",
                FEW_WATCHES,
                "sysctl fs.inotify.max_user_watches=524288, or `watch` may miss changes");
        ports();
        program("node", "install Node, or JavaScript apps and ecosystem files cannot be read or run");
        program("python3", "install Python, if Python apps are to run");
        space();
    }

    private void tell() {
        if (session.typed.has(Option.JSON)) {
            List<Map<String, Object>> lines = new ArrayList<>();
            for (Finding finding : findings) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("grade", finding.grade.text.strip());
                line.put("what", finding.what);
                line.put("seen", finding.seen);
                line.put("advice", finding.advice);
                lines.add(line);
            }
            session.out.println(JsonList.of(lines));
            return;
        }
        for (Finding finding : findings) {
            String grade = switch (finding.grade) {
                case OK -> session.style.good(finding.grade.text);
                case WARN -> session.style.warning(finding.grade.text);
                case FAIL -> session.style.bad(finding.grade.text);
            };
            String advice = finding.advice.isEmpty() ? "" : "; " + finding.advice;
            session.out.println(grade + "  " + finding.what + ": " + finding.seen + advice);
        }
    }

    private void found(boolean good, Grade otherwise, String what, String seen, String advice) {
        findings.add(new Finding(good ? Grade.OK : otherwise, what, seen, good ? "" : advice));
    }

    private void java() {
        int version = Runtime.version().feature();
        found(version >= LEAST_JAVA, Grade.FAIL, "java", Runtime.version().toString(), "install a JDK " + LEAST_JAVA);
    }

    private void home() {
        Path home = session.link.home();
        if (!Files.exists(home)) {
            found(true, Grade.OK, "home", home + " is not there yet", "");
            return;
        }
        boolean usable = Files.isDirectory(home) && Files.isWritable(home);
        found(usable, Grade.FAIL, "home", home + (usable ? "" : " is not writable"), "make it this user's: chown -R");
        try {
            boolean open = Files.getPosixFilePermissions(home).stream().anyMatch(OTHERS::contains);
            found(
                    !open,
                    Grade.WARN,
                    "home's permissions",
                    open ? "others may look into it" : "its owner only",
                    "chmod 700 " + home);
        } catch (IOException | UnsupportedOperationException e) {
            found(false, Grade.WARN, "home's permissions", "cannot be read", "look at " + home);
        }
    }

    private void daemon() throws Failure {
        boolean pid = session.link.hasPid();
        switch (session.link.reach()) {
            case Reached.Daemon(var client) -> {
                // Tells by itself when its version is another.
                int code = session.converse(client, new ControlRequest.Ping(), _ -> {});
                found(
                        code == ExitCode.OK,
                        Grade.FAIL,
                        "daemon",
                        "answers",
                        "see pm2.log in the home, then pm2j update");
            }
            case Reached.None _ ->
                found(
                        !pid,
                        Grade.WARN,
                        "daemon",
                        pid ? "none, but its pid file is left" : "none runs",
                        "the next command starts one and cleans up");
            case Reached.Dead _ ->
                found(
                        false,
                        Grade.WARN,
                        "daemon",
                        "died, its socket is left",
                        "the next command starts one that takes over its apps; see pm2.log");
        }
    }

    private void openFiles() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (line.startsWith("Max open files")) {
                    String[] words =
                            line.substring("Max open files".length()).strip().split("\\s+");
                    boolean enough = words[1].equals("unlimited") || Long.parseLong(words[1]) >= FEW_FILES;
                    found(
                            enough,
                            Grade.WARN,
                            "open files",
                            "at most " + words[1],
                            "raise it: ulimit -Hn 65536, or LimitNOFILE of the service");
                }
            }
        } catch (IOException e) {
            found(false, Grade.WARN, "open files", "cannot be read", "look at ulimit -n");
        }
    }

    private void ports() {
        boolean root = "root".equals(System.getProperty("user.name"));
        try {
            Path file = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");
            int first = Integer.parseInt(Files.readString(file).strip());
            found(
                    root || first <= 80,
                    Grade.WARN,
                    "ports",
                    root ? "every one may be opened" : "from " + first,
                    "sysctl net.ipv4.ip_unprivileged_port_start=80, if the edge is to listen on 80 or 443");
        } catch (IOException | NumberFormatException e) {
            found(root, Grade.WARN, "ports", "from 1024", "run as root, if the edge is to listen on 80 or 443");
        }
        boolean taken = isTaken(USUAL_WEB_PORT);
        found(
                !taken || session.link.isThere(),
                Grade.WARN,
                "port " + USUAL_WEB_PORT,
                taken ? "is taken" : "is free",
                "pm2j web needs another: pm2j web 9616");
    }

    private static boolean isTaken(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void number(String what, String file, long least, String advice) {
        try {
            long seen = Long.parseLong(Files.readString(Path.of(file)).strip());
            found(seen >= least, Grade.WARN, what, "at most " + seen, advice);
        } catch (IOException | NumberFormatException e) {
            found(false, Grade.WARN, what, "cannot be read", advice);
        }
    }

    private void program(String name, String advice) {
        var path = Programs.find(name);
        found(path.isPresent(), Grade.WARN, name, path.map(Path::toString).orElse("is not in PATH"), advice);
    }

    private void space() {
        Path home = session.link.home();
        Path there = Files.exists(home) ? home : Path.of("/");
        try {
            FileStore store = Files.getFileStore(there);
            long free = store.getUsableSpace();
            found(
                    free >= LITTLE_SPACE,
                    free < LITTLE_SPACE / 16 ? Grade.FAIL : Grade.WARN,
                    "disk",
                    (free >> 20) + " MiB free",
                    "make room: pm2j flush empties the logs");
        } catch (IOException e) {
            found(false, Grade.WARN, "disk", "cannot be read", "look at df " + there);
        }
    }
}
