package io.pm2j.daemon.admin;

import io.pm2j.metrics.Registry;
import io.pm2j.metrics.SampleSink;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.process.ProcStat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What `/metrics` says of processes, the host and the daemon itself, read anew at each scrape.
public final class DaemonMetrics {
    private final Supplier<List<ProcessView>> processes;
    private final LongSupplier lostLogLines;
    private final ProcStat procStat = new ProcStat();
    private final int pid = (int) ProcessHandle.current().pid();

    private DaemonMetrics(Supplier<List<ProcessView>> processes, LongSupplier lostLogLines) {
        this.processes = processes;
        this.lostLogLines = lostLogLines;
    }

    /// Adds them to `registry`. `lostLogLines` counts what could not be written.
    public static void register(Registry registry, Supplier<List<ProcessView>> processes, LongSupplier lostLogLines) {
        DaemonMetrics metrics = new DaemonMetrics(processes, lostLogLines);
        registry.collect(metrics::workers);
        registry.collect(DaemonMetrics::host);
        registry.collect(metrics::daemon);
    }

    private void workers(SampleSink sink) {
        for (ProcessView view : processes.get()) {
            Map<String, String> labels = new LinkedHashMap<>();
            labels.put("app", view.name());
            labels.put("instance", String.valueOf(view.pmId()));
            boolean up = view.status().equals("online");
            sink.gauge("pm2j_worker_up", "Whether the instance is online.", labels, up ? 1 : 0);
            sink.gauge("pm2j_worker_generation", "The generation of the worker.", labels, view.generation());
            sink.gauge("pm2j_worker_cpu_percent", "Share of one core.", labels, view.cpuPercent());
            sink.gauge("pm2j_worker_resident_memory_bytes", "Resident size of the worker.", labels, view.memoryBytes());
            sink.gauge(
                    "pm2j_worker_start_time_seconds",
                    "When the worker was started, since the epoch; 0 without a worker.",
                    labels,
                    view.startedAtMillis() / 1e3);
            sink.counter(
                    "pm2j_worker_restarts_total",
                    "Restarts and reloads of the instance, for whatever reason.",
                    labels,
                    view.restarts());
        }
    }

    private static void host(SampleSink sink) {
        HostStat host = HostStat.now();
        sink.gauge("pm2j_host_processors", "Processors that the daemon may use.", Map.of(), host.processors());
        sink.gauge("pm2j_host_load1", "Load average over one minute.", Map.of(), host.load1());
        sink.gauge("pm2j_host_load5", "Load average over five minutes.", Map.of(), host.load5());
        sink.gauge("pm2j_host_load15", "Load average over fifteen minutes.", Map.of(), host.load15());
        sink.gauge("pm2j_host_memory_bytes", "Memory of the host.", Map.of("kind", "total"), host.memoryTotal());
        sink.gauge(
                "pm2j_host_memory_bytes", "Memory of the host.", Map.of("kind", "available"), host.memoryAvailable());
        sink.gauge("pm2j_host_uptime_seconds", "Since the host was started.", Map.of(), host.uptimeSeconds());
        sink.counter("pm2j_host_cpu_seconds_total", "Busy time of all processors.", Map.of(), host.cpuBusySeconds());
    }

    private void daemon(SampleSink sink) {
        long startMillis = ManagementFactory.getRuntimeMXBean().getStartTime();
        ProcStat.Usage usage = procStat.of(pid, System.currentTimeMillis() - startMillis);
        sink.gauge("process_resident_memory_bytes", "Resident size of the daemon.", Map.of(), usage.memoryBytes());
        sink.gauge("process_start_time_seconds", "When the daemon was started.", Map.of(), startMillis / 1e3);
        sink.counter(
                "pm2j_log_lines_lost_total",
                "Lines of apps that could not be written to their log files.",
                Map.of(),
                lostLogLines.getAsLong());
        sink.gauge("process_open_fds", "Descriptors that the daemon has open.", Map.of(), openDescriptors());
        ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .ifPresent(cpu -> sink.counter(
                        "process_cpu_seconds_total", "Processor time of the daemon.", Map.of(), cpu.toMillis() / 1e3));
    }

    private static long openDescriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            return 0;
        }
    }
}
