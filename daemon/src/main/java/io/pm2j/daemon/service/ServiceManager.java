package io.pm2j.daemon.service;

import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.Posix.Errno;
import io.pm2j.supervisor.process.Succession;
import io.pm2j.supervisor.process.UnixDatagrams;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the daemon says to the service manager that has started it, by the protocol of sd_notify(3);
/// without one nothing is said. Thread-safe.
public final class ServiceManager {
    /// The daemon was started by hand.
    public static final ServiceManager NONE = new ServiceManager("");

    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);
    /// SD_LISTEN_FDS_START.
    private static final int FIRST_HANDED = 3;

    private static final Duration LONGEST_BARRIER = Duration.ofSeconds(5);
    private static final Duration LEFT_ALONE = Duration.ofMinutes(1);
    private static final int LONGEST_NAME = 255;

    private final String address;
    /// It took too long: nobody waits for it until then.
    private volatile long deafUntilNanos = System.nanoTime();

    /// A descriptor that it hands over, under the name that it was kept by.
    public record Handed(String name, int fd) {}

    private ServiceManager(String address) {
        this.address = address;
    }

    /// The one that `environment` names.
    public static ServiceManager of(Map<String, String> environment) {
        String address = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (address.isEmpty()) {
            return NONE;
        }
        if (!address.startsWith("/") && !address.startsWith("@")) {
            LOG.warn("NOTIFY_SOCKET {} is not understood (expected: a path, or a name behind @)", address);
            return NONE;
        }
        return new ServiceManager(address);
    }

    /// Whether there is one.
    public boolean present() {
        return this != NONE;
    }

    /// The daemon serves.
    public void ready() {
        tell("READY=1\nSTATUS=serving", List.of());
    }

    /// The daemon ends, as it was asked to.
    public void stopping() {
        tell("STOPPING=1\nSTATUS=stopping", List.of());
    }

    /// For people who look at the service.
    public void status(String text) {
        tell("STATUS=" + text.replace('\n', ' '), List.of());
    }

    /// Has it keep `descriptors` by `name`, beside those that it has by that name already; what it
    /// has is not kept twice. It drops by itself what has come to its end.
    public void keep(String name, List<Integer> descriptors) {
        if (!present()) {
            return;
        }
        if (!mayBeName(name)) {
            LOG.warn("not kept by the service manager: {}", name);
            return;
        }
        for (int from = 0; from < descriptors.size(); from += UnixDatagrams.MOST_DESCRIPTORS) {
            int end = Math.min(descriptors.size(), from + UnixDatagrams.MOST_DESCRIPTORS);
            tell("FDSTORE=1\nFDNAME=" + name, descriptors.subList(from, end));
        }
    }

    /// Has it drop what it keeps by `name`.
    public void drop(String name) {
        if (mayBeName(name)) {
            tell("FDSTOREREMOVE=1\nFDNAME=" + name, List.of());
        }
    }

    private static boolean mayBeName(String name) {
        return !name.isEmpty()
                && name.length() <= LONGEST_NAME
                && name.chars().allMatch(c -> c >= ' ' && c < 127 && c != ':');
    }

    /// Returns when it has done all that it was told before: sd_notify_barrier(3). Blocks.
    public void await() {
        if (!present() || System.nanoTime() - deafUntilNanos < 0) {
            return;
        }
        try {
            int[] pair = Posix.socketPair(true);
            try {
                tell("BARRIER=1", List.of(pair[1]));
                Posix.close(pair[1]);
                awaitEnd(pair[0]);
            } finally {
                Posix.close(pair[0]);
            }
        } catch (Errno e) {
            LOG.warn("the service manager cannot be waited for: {}", e.getMessage());
        }
    }

    private void awaitEnd(int fd) throws Errno {
        long deadlineNanos = System.nanoTime() + LONGEST_BARRIER.toNanos();
        try {
            while (Posix.receive(fd) == null) {
                if (System.nanoTime() - deadlineNanos > 0) {
                    deafUntilNanos = System.nanoTime() + LEFT_ALONE.toNanos();
                    LOG.warn("the service manager does nothing within {}", LONGEST_BARRIER);
                    return;
                }
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(String text, List<Integer> descriptors) {
        if (!present()) {
            return;
        }
        try {
            UnixDatagrams.send(address, text.getBytes(StandardCharsets.UTF_8), descriptors);
        } catch (Errno | IllegalArgumentException e) {
            LOG.warn("the service manager cannot be told {}: {}", text.replace('\n', ' '), e.getMessage());
        }
    }

    /// The descriptors that it has handed to this process: sd_listen_fds(3). Ask once, before others
    /// are opened, and not in a program that this process became later.
    public static List<Handed> handed(Map<String, String> environment) {
        if (!environment
                .getOrDefault("LISTEN_PID", "")
                .equals(String.valueOf(ProcessHandle.current().pid()))) {
            return List.of();
        }
        int count = count(environment.getOrDefault("LISTEN_FDS", ""));
        String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
        List<Handed> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int fd = FIRST_HANDED + i;
            try {
                Succession.closesOnExec(fd, true);
                all.add(new Handed(i < names.length ? names[i] : "", fd));
            } catch (Errno e) {
                LOG.warn("{} was handed over and is not open", e.getMessage());
            }
        }
        return all;
    }

    private static int count(String text) {
        return text.matches("\\d{1,6}") ? Integer.parseInt(text) : 0;
    }
}
