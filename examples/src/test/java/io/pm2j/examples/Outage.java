package io.pm2j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The sudden end of a daemon, found by its pid file.
final class Outage {
    private Outage() {}

    static long daemonPid(Product product) throws IOException {
        return Long.parseLong(
                Files.readString(product.home().resolve("pm2.pid")).strip());
    }

    /// Kills the daemon as the kernel does when memory runs out; it is gone by the time this returns.
    static void begin(Product product) throws Exception {
        long pid = daemonPid(product);
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        Product.eventually("the daemon is gone", () -> gone(pid), gone -> gone);
    }

    /// A zombie that nobody has reaped yet is gone as well.
    static boolean gone(long pid) {
        Path commandLine = Path.of("/proc/" + pid + "/cmdline");
        try {
            return Files.readAllBytes(commandLine).length == 0;
        } catch (IOException e) {
            return true;
        }
    }

    static String daemonLog(Product product) throws IOException {
        return Files.readString(product.home().resolve("pm2.log"));
    }
}
