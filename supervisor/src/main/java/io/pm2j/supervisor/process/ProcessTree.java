package io.pm2j.supervisor.process;

import io.pm2j.supervisor.process.Posix.Errno;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker's process with everything that descends from it, or that still belongs to its session after its
/// parent died. Read from /proc; any thread that may block.
public final class ProcessTree {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessTree.class);
    private static final Path PROC = Path.of("/proc");

    private ProcessTree() {}

    /// One process as /proc/PID/stat tells it.
    private record Member(int pid, int parent, int session) {}

    /// The living members, deepest last; `root` itself comes first when it lives.
    public static List<Integer> of(int root) {
        Map<Integer, List<Integer>> children = new HashMap<>();
        List<Integer> found = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (Member member : everyone()) {
            children.computeIfAbsent(member.parent, _ -> new ArrayList<>()).add(member.pid);
            if (member.session == root && seen.add(member.pid)) {
                found.add(member.pid);
            }
        }
        found.sort((a, b) -> Boolean.compare(b == root, a == root));
        for (int i = 0; i < found.size(); i++) {
            for (int child : children.getOrDefault(found.get(i), List.of())) {
                if (seen.add(child)) {
                    found.add(child);
                }
            }
        }
        return found;
    }

    /// Sends `signal` to every member, deepest first, so that no parent respawns a child that was ended before it.
    public static void signal(int root, Signal signal) {
        for (int pid : of(root).reversed()) {
            signalOne(pid, signal);
        }
    }

    /// Ends what still belongs to the session of a worker that has itself ended.
    public static void killLeftovers(int session) {
        for (int pid : of(session)) {
            if (pid != session) {
                signalOne(pid, Signal.SIGKILL);
            }
        }
    }

    /// Sends `signal` to one process; one that is gone is fine.
    public static void signalOne(int pid, Signal signal) {
        try {
            boolean _ = Posix.kill(pid, signal.number());
        } catch (Errno e) {
            LOG.atWarn()
                    .addKeyValue("pid", pid)
                    .addKeyValue("cause", e.getMessage())
                    .log("cannot send {}", signal);
        }
    }

    private static List<Member> everyone() {
        List<Member> members = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[1-9]*")) {
            for (Path entry : entries) {
                Member member = read(entry);
                if (member != null) {
                    members.add(member);
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot list /proc", e);
        }
        return members;
    }

    private static @org.jspecify.annotations.Nullable Member read(Path entry) {
        try {
            String stat = Files.readString(entry.resolve("stat"));
            // The name, in parentheses, may hold blanks and parentheses of its own.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            if (fields[0].equals("Z")) {
                return null;
            }
            return new Member(
                    Integer.parseInt(entry.getFileName().toString()),
                    Integer.parseInt(fields[1]),
                    Integer.parseInt(fields[3]));
        } catch (IOException | RuntimeException e) {
            return null; // it ended while we looked
        }
    }
}
