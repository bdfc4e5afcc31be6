package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The processes of the homes in one place, found by the `PM2J_HOME` in their environment, which every child inherits.
final class Processes {
    private Processes() {}

    static List<Long> of(Path home) throws IOException {
        var pids = new ArrayList<Long>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path entry : entries) {
                long pid = Long.parseLong(entry.getFileName().toString());
                if (pid != ProcessHandle.current().pid() && belongs(entry, home)) {
                    pids.add(pid);
                }
            }
        }
        return pids;
    }

    /// The workers that run `script`, not what descends from them.
    static List<Long> workers(Path home, Path script) throws IOException {
        var pids = new ArrayList<Long>();
        for (long pid : of(home)) {
            Path entry = Path.of("/proc/" + pid);
            boolean marked = ("\0" + read(entry.resolve("environ"))).contains("\0PM2J_WORKER=");
            if (marked && leadsSession(entry) && describe(pid).contains(script.toString())) {
                pids.add(pid);
            }
        }
        return pids;
    }

    private static boolean leadsSession(Path entry) {
        String stat = read(entry.resolve("stat"));
        String[] afterName = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        return afterName.length > 3 && afterName[3].equals(entry.getFileName().toString());
    }

    static String describe(long pid) {
        return pid + " " + commandLine(pid);
    }

    static String commandLine(long pid) {
        return read(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
    }

    /// How many descriptors it has open.
    static long descriptors(long pid) throws IOException {
        try (var entries = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return entries.count();
        }
    }

    /// What a line of its status says, such as `VmRSS`, in bytes.
    static long memory(long pid, String line) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(all -> all.startsWith(line + ":"))
                .mapToLong(all -> Long.parseLong(all.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    /// The processor time it has taken, in milliseconds.
    static long cpuMillis(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return 10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
    }

    /// What is alive in the heap of a JVM, after a full collection.
    static long liveHeap(long pid) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(jcmd.toString(), String.valueOf(pid), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        process.waitFor();
        String total = out.lines()
                .filter(line -> line.startsWith("Total"))
                .findFirst()
                .orElseThrow(() -> new IOException(out));
        return Long.parseLong(total.strip().split("\\s+")[2]);
    }

    private static boolean belongs(Path entry, Path home) {
        return ("\0" + read(entry.resolve("environ"))).contains("\0PM2J_HOME=" + home);
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
