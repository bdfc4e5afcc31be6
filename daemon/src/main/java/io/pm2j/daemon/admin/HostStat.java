package io.pm2j.daemon.admin;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The host in numbers, read from /proc. Sizes are in bytes, times in seconds.
public record HostStat(
        String hostname,
        int processors,
        double load1,
        double load5,
        double load15,
        long memoryTotal,
        long memoryAvailable,
        double uptimeSeconds,
        double cpuBusySeconds) {
    private static final double TICKS_PER_SECOND = 100;

    /// The host now; zeros where /proc does not tell.
    public static HostStat now() {
        String[] load = first("/proc/loadavg").split(" ");
        return new HostStat(
                name(),
                ManagementFactory.getOperatingSystemMXBean().getAvailableProcessors(),
                number(load, 0),
                number(load, 1),
                number(load, 2),
                memory("MemTotal:"),
                memory("MemAvailable:"),
                number(first("/proc/uptime").split(" "), 0),
                busy());
    }

    private static double busy() {
        String[] cpu = first("/proc/stat").trim().split(" +");
        return (number(cpu, 1) + number(cpu, 2) + number(cpu, 3)) / TICKS_PER_SECOND;
    }

    private static long memory(String key) {
        for (String line : lines("/proc/meminfo")) {
            if (line.startsWith(key)) {
                return (long) number(line.split(" +"), 1) * 1_024;
            }
        }
        return 0;
    }

    private static String first(String file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? "" : lines.getFirst();
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException e) {
            return List.of();
        }
    }

    private static double number(String[] fields, int index) {
        try {
            return index < fields.length ? Double.parseDouble(fields[index]) : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static String name() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
