package io.pm2j.bench.handover;

import io.pm2j.bench.load.LoadPlan;
import io.pm2j.bench.load.LoadReport;
import io.pm2j.bench.load.LoadSource;
import io.pm2j.bench.load.Pace;
import io.pm2j.supervisor.process.UnixDatagrams;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Measures one hand-over of a [Holder] under load.
///
/// @param connections idle kept-alive connections, beside those of the load
/// @param workers processes with a channel each
/// @param perSecond requests that are due in a second, open loop; a fifth come on connections of their own
/// @param requests the least that are made; it goes on until the hand-over is over
record Trial(Way way, int connections, int workers, int perSecond, long requests) {
    private static final int FRESH_SHARE = 20;
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PATIENCE_MILLIS = 30_000;
    private static final long LOOK_AGAIN_NANOS = 5_000_000;

    Measured run() throws IOException, InterruptedException, ExecutionException {
        Path folder = Files.createTempDirectory("handover");
        Path said = Files.createFile(folder.resolve("said"));
        // A file, as the pipes of a process that gives way are closed with it.
        Process former = new ProcessBuilder(
                        Holder.command(List.of("begin", folder.toString(), String.valueOf(workers))))
                .redirectOutput(said.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = Files.newBufferedReader(said)) {
            return measure(former, folder.resolve("words"), lines);
        } finally {
            former.destroyForcibly().waitFor();
            try (var files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
    }

    private Measured measure(Process former, Path words, BufferedReader said)
            throws IOException, InterruptedException, ExecutionException {
        Map<String, String> at = next("at", said);
        int port = Integer.parseInt(at.getOrDefault("port", ""));
        List<Socket> idle = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        Set<Long> pids = ConcurrentHashMap.newKeySet();
        pids.add(former.pid());
        AtomicLong peakKib = new AtomicLong();
        try (ExecutorService aside = Executors.newVirtualThreadPerTaskExecutor();
                Closeable _ = () -> over.set(true)) {
            for (int i = 0; i < connections; i++) {
                idle.add(new Socket(InetAddress.getLoopbackAddress(), port));
                answers(idle.getLast());
            }
            Future<LoadReport> load = aside.submit(() -> LoadSource.run(plan(port), () -> !over.get()));
            Future<?> watch = aside.submit(() -> watch(pids, over, peakKib));
            Thread.sleep(1_000); // some of the load comes before
            say(words, way.word);
            long cpuMillis = 0;
            if (way == Way.SUCCESSOR) {
                pids.add(Long.parseLong(next("successor", said).getOrDefault("pid", "")));
            }
            Map<String, String> ready = next("ready", said);
            if (way == Way.SUCCESSOR) {
                cpuMillis += Long.parseLong(next("former", said).getOrDefault("cpu-ms", ""));
            }
            cpuMillis += Long.parseLong(ready.getOrDefault("cpu-ms", ""));
            Thread.sleep(500); // and some behind
            over.set(true);
            watch.get();
            LoadReport report = load.get();
            int answered = 0;
            for (Socket one : idle) {
                answered += answers(one) ? 1 : 0;
            }
            say(words, "check");
            Map<String, String> checked = next("checked", said);
            say(words, "end");
            boolean samePid = String.valueOf(former.pid()).equals(ready.get("pid"));
            return new Measured(report, answered, ready, checked, cpuMillis, peakKib.get(), samePid);
        } finally {
            for (Socket one : idle) {
                one.close();
            }
        }
    }

    private LoadPlan plan(int port) {
        return LoadPlan.of(URI.create("http://127.0.0.1:" + port + "/"), requests, new Pace.OpenLoop(perSecond))
                .withShares(0, FRESH_SHARE);
    }

    private static void say(Path words, String word) throws IOException {
        UnixDatagrams.send(words.toString(), word.getBytes(StandardCharsets.US_ASCII), List.of());
    }

    /// The next line, which begins with `word` and goes on with `name=value`; waited for.
    private static Map<String, String> next(String word, BufferedReader said) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        String line = said.readLine();
        while (line == null && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            line = said.readLine();
        }
        if (line == null || !line.startsWith(word + " ")) {
            throw new IOException("expected: " + word + ", heard: " + line);
        }
        Map<String, String> values = new HashMap<>();
        for (String pair : line.substring(word.length() + 1).split(" ")) {
            int equals = pair.indexOf('=');
            values.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return values;
    }

    private static boolean answers(Socket socket) {
        try {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(REQUEST);
            byte[] answer = new byte[256];
            int length = 0;
            while (!new String(answer, 0, length, StandardCharsets.US_ASCII).endsWith("ok")) {
                int count = socket.getInputStream().read(answer, length, answer.length - length);
                if (count < 0) {
                    return false;
                }
                length += count;
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// Every few milliseconds: what all of them and their children of the same program have together.
    private static void watch(Set<Long> pids, AtomicBoolean over, AtomicLong peakKib) {
        while (!over.get()) {
            long sum = pids.stream()
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .flatMap(process ->
                            java.util.stream.Stream.concat(java.util.stream.Stream.of(process), process.children()))
                    .map(ProcessHandle::pid)
                    .distinct()
                    .mapToLong(Trial::residentKib)
                    .sum();
            peakKib.accumulateAndGet(sum, Math::max);
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }

    /// What a Java process has in memory; 0 of any other, as workers are the same in both ways.
    private static long residentKib(long pid) {
        try {
            Path process = Path.of("/proc", String.valueOf(pid));
            if (!Files.readSymbolicLink(process.resolve("exe")).endsWith("java")) {
                return 0;
            }
            return Files.readAllLines(process.resolve("status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException e) {
            return 0; // ended
        }
    }
}
