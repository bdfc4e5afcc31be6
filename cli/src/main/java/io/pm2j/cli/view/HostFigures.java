package io.pm2j.cli.view;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Figures of the machine under PM2's names, from `/proc`. PM2: `slist`.
public final class HostFigures {
    private static final long SAMPLE_MILLIS = 100;
    private static final double GIB = 1L << 30;

    private HostFigures() {}

    /// Looks at the processors twice, a tenth of a second apart.
    public static Map<String, Object> now() throws IOException {
        long[] before = processors();
        try {
            Thread.sleep(SAMPLE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Map<String, Long> memory = memory(Files.readAllLines(Path.of("/proc/meminfo")));
        long total = memory.getOrDefault("MemTotal", 0L);
        long available = memory.getOrDefault("MemAvailable", 0L);
        FileStore root = Files.getFileStore(Path.of("/"));
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("CPU Usage", metric(busy(before, processors()), "%"));
        figures.put("RAM Usage", metric(total == 0 ? 0 : tenth(100.0 * (total - available) / total), "%"));
        figures.put("RAM Total", metric(total, "b"));
        figures.put("RAM Available", metric(available, "b"));
        figures.put("RAM Active", metric(total - available, "b"));
        double size = root.getTotalSpace();
        figures.put("fs:use:/", metric(size == 0 ? 0 : tenth(100 - 100 * root.getUsableSpace() / size), "%"));
        figures.put("fs:size:/", metric(tenth(size / GIB), "gb"));
        return figures;
    }

    private static Map<String, Object> metric(double value, String unit) {
        Map<String, Object> metric = new LinkedHashMap<>();
        metric.put("value", value);
        metric.put("type", "metric");
        metric.put("unit", unit);
        metric.put("historic", true);
        return metric;
    }

    private static double tenth(double value) {
        return Math.round(value * 10) / 10.0;
    }

    /// Ticks in all, and idle ones.
    private static long[] processors() throws IOException {
        return ticks(Files.readAllLines(Path.of("/proc/stat")).getFirst());
    }

    static long[] ticks(String line) {
        String[] words = line.strip().split(" +");
        long all = 0;
        for (int i = 1; i < Math.min(words.length, 9); i++) {
            all += Long.parseLong(words[i]);
        }
        return new long[] {all, Long.parseLong(words[4]) + Long.parseLong(words[5])};
    }

    static double busy(long[] before, long[] after) {
        long all = after[0] - before[0];
        return all <= 0 ? 0 : tenth(100.0 * (all - (after[1] - before[1])) / all);
    }

    /// Bytes by name.
    static Map<String, Long> memory(List<String> lines) {
        Map<String, Long> bytes = new HashMap<>();
        for (String line : lines) {
            String[] words = line.split("[: ]+");
            if (words.length >= 2 && words[1].matches("\\d+")) {
                bytes.put(words[0], Long.parseLong(words[1]) * 1_024);
            }
        }
        return bytes;
    }
}
