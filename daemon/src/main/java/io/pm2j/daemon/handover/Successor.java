package io.pm2j.daemon.handover;

import io.pm2j.proxy.transport.Transport;
import io.pm2j.supervisor.process.Succession;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The beginning of a program that takes over: what it was left, and the way back while it is
/// not ready.
///
/// Going back is becoming the former program again, with all that is open still open: until
/// [#ready] nothing was accepted, no request was read and no worker was heard.
public final class Successor {
    /// Before the file of a hand-over, on the command line: take over.
    public static final String TAKE_OVER = "--take-over";
    /// Before the file of a hand-over, on the command line: say by the exit code whether it
    /// could be taken over.
    public static final String CHECK = "--check-take-over";

    private static final Logger LOG = LoggerFactory.getLogger(Successor.class);
    private static final Duration LONGEST_START = Duration.ofSeconds(Long.getLong("pm2j.takeover.seconds", 30));

    private final HandoverFile file;
    private final Handover handover;
    private final AtomicBoolean decided = new AtomicBoolean();
    private final Spares spares = new Spares();

    private Successor(HandoverFile file, Handover handover) {
        this.file = file;
        this.handover = handover;
    }

    /// Reads what was left, and goes back by itself when this program is not ready in time.
    ///
    /// @throws IOException when it cannot be read
    public static Successor begin(Path path) throws IOException {
        HandoverFile file = new HandoverFile(path);
        Successor successor = new Successor(file, file.read());
        successor.spares.keep(successor.handover);
        try {
            // A command line that came at the last moment would wait for an answer for ever.
            Succession.closeConnections(file.path().resolveSibling("pm2j.sock"), successor.handover.descriptors());
        } catch (IOException e) {
            LOG.warn("a command that came in the moment of the update may wait in vain: {}", e.toString());
        }
        Thread.ofPlatform().name("pm2j-way-back").daemon().start(successor::watch);
        return successor;
    }

    /// Whether this program could take over what is in the file at `path`.
    ///
    /// @return why not, or an empty text
    public static String objection(Path path, Transport transport) {
        try {
            new Successor(new HandoverFile(path), new HandoverFile(path).read()).checkTransport(transport);
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /// @throws IOException when sockets cannot be taken over with `transport`
    public void checkTransport(Transport transport) throws IOException {
        if (!transport.adopts()) {
            throw new IOException("its transport is " + transport + " (expected: epoll)");
        }
    }

    public Handover handover() {
        return handover;
    }

    /// This program serves: there is no way back.
    ///
    /// @return false when it came too late
    public boolean ready() {
        if (!decided.compareAndSet(false, true)) {
            return false;
        }
        forget(file);
        spares.close();
        return true;
    }

    private void watch() {
        try {
            Thread.sleep(LONGEST_START);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        back("the next daemon was not ready within " + LONGEST_START.toSeconds() + " s");
    }

    /// Becomes the former program again, unless this one is ready. Does not return then, except
    /// when that fails too.
    public void back(String why) {
        if (!decided.compareAndSet(false, true)) {
            return;
        }
        LOG.error("cannot take over: {}", why);
        if (!handover.failed().isEmpty()) {
            LOG.error("and neither could the next daemon ({}): workers that can live alone go on", handover.failed());
            forget(file);
            return;
        }
        try {
            spares.putBack();
            become(file, handover.back(why), handover.former(), () -> false);
        } catch (IOException e) {
            LOG.error("the former daemon cannot be had back: {}", e.getMessage());
        }
    }

    /// Becomes `command`, which takes over, unless that is `off` at the last moment.
    ///
    /// @throws IOException when that cannot be; then it has not begun
    static void become(HandoverFile file, Handover handover, List<String> command, BooleanSupplier off)
            throws IOException {
        file.write(handover);
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(TAKE_OVER, file.path().toString()));
        try {
            if (off.getAsBoolean()) {
                throw new IOException("the daemon stops");
            }
            Succession.become(words, handover.descriptors());
        } finally {
            // Command lines wait for as long as it is there.
            forget(file);
        }
    }

    private static void forget(HandoverFile file) {
        try {
            file.delete();
        } catch (IOException e) {
            LOG.warn("what was handed over stays in {}: {}", file.path(), e.getMessage());
        }
    }
}
