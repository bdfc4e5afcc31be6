package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// What idle keep-alive connections cost, measured by [IdleConnections] in a process of its own whose heap is resident
/// from the start. The long form: `-Dpm2j.idle.connections=10000` with `ulimit -n 20000`.
@Isolated
@Timeout(600)
final class IdleConnectionsIT {
    private static final int COUNT = Integer.getInteger("pm2j.idle.connections", 2_000);
    private static final Pattern RESULT =
            Pattern.compile("idle connections: (-?\\d+) bytes of heap and (-?\\d+) of native memory each");

    @TempDir
    Path folder;

    @Test
    void eachCostsAtMost4KiBOfHeapAndNativeMemory() throws Exception {
        File out = folder.resolve("out").toFile();
        Process child = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xms96m",
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:+AlwaysPreTouch",
                        // What the larger compiler takes meanwhile would be counted with the connections.
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IdleConnections.class.getName(),
                        String.valueOf(COUNT)))
                .redirectErrorStream(true)
                .redirectOutput(out)
                .start();
        try {
            assertThat(child.waitFor(500, TimeUnit.SECONDS)).isTrue();
        } finally {
            child.descendants().forEach(ProcessHandle::destroyForcibly);
            child.destroyForcibly().waitFor();
        }
        String said = Files.readString(out.toPath());
        Matcher result = RESULT.matcher(said);
        assertThat(result.find()).as(said).isTrue();
        long heap = Long.parseLong(result.group(1));
        long nativeMemory = Long.parseLong(result.group(2));
        assertThat(heap).as(said).isPositive();
        assertThat(heap + Math.max(0, nativeMemory)).as(said).isLessThanOrEqualTo(4 * 1024);
    }
}
