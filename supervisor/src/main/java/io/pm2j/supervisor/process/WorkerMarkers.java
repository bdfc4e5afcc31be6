package io.pm2j.supervisor.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The tokens in the environments of processes, each read once: a process keeps the marker that
/// it was born with, whatever it makes of its memory later. Only workers get theirs after their
/// birth, and nobody searches for a worker by it. Thread-safe.
final class WorkerMarkers {
    private static final int MOST_KNOWN = 4_096;

    private record ProcessId(int pid, long startTicks) {}

    private final Map<ProcessId, String> known = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ProcessId, String> eldest) {
            return size() > MOST_KNOWN;
        }
    };

    /// The token of the process; empty when there is none to see.
    String of(ProcessEntry entry) {
        ProcessId id = new ProcessId(entry.pid(), entry.startTicks());
        synchronized (known) {
            String token = known.get(id);
            if (token != null) {
                return token;
            }
        }
        try {
            String token = tokenIn(Files.readAllBytes(Path.of("/proc", String.valueOf(entry.pid()), "environ")));
            synchronized (known) {
                known.put(id, token);
            }
            return token;
        } catch (IOException e) {
            return ""; // it ended, or is not ours to look into
        }
    }

    static String tokenIn(byte[] environ) {
        String all = "\0" + new String(environ, StandardCharsets.ISO_8859_1);
        String start = "\0" + ProcessTable.WORKER_VARIABLE + "=";
        int at = all.indexOf(start);
        if (at < 0) {
            return "";
        }
        int from = at + start.length();
        int end = all.indexOf('\0', from);
        return all.substring(from, end < 0 ? all.length() : end);
    }
}
