package io.pm2j.daemon.handover;

import io.pm2j.daemon.control.Notes;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.control.ControlHandler;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.Level;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ReplySink;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/// Before the desk of commands: lets an update in alone, when those that change something have
/// left.
public final class Turnstile implements ControlHandler {

    private static final int OK = 0;
    private static final int FAILED = 1;

    private final ControlHandler desk;
    private final UpdateDesk updates;
    private final Supplier<Outcome> last;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    /// How this program came to be: what its command line is told that waits for an update.
    public record Outcome(boolean good, List<String> sentences) {
        /// It was started.
        public static final Outcome NONE = new Outcome(true, List.of());

        public Outcome {
            sentences = List.copyOf(sentences);
        }
    }

    public Turnstile(ControlHandler desk, UpdateDesk updates, Supplier<Outcome> last) {
        this.desk = desk;
        this.updates = updates;
        this.last = last;
    }

    @Override
    public void handle(ControlRequest request, ReplySink replies) throws Exception {
        switch (request) {
            case ControlRequest.Update update -> update(update, replies);
            case ControlRequest.Updated _ -> tellLast(replies);
            case ControlRequest.Ping _,
                    ControlRequest.Processes _,
                    ControlRequest.Logs _,
                    ControlRequest.Bus _,
                    ControlRequest.Kill _ -> desk.handle(request, replies);
            default -> pass(request, replies);
        }
    }

    private void pass(ControlRequest request, ReplySink replies) throws Exception {
        if (!lock.readLock().tryLock()) {
            refuse(replies, "the daemon is being updated (expected: no update; try again in a moment)");
            return;
        }
        try {
            desk.handle(request, replies);
        } finally {
            lock.readLock().unlock();
        }
    }

    private void tellLast(ReplySink replies) throws IOException {
        Outcome outcome = last.get();
        for (String sentence : outcome.sentences) {
            replies.send(new ControlReply.Note(outcome.good ? Level.INFO : Level.ERROR, sentence));
        }
        replies.send(new ControlReply.Done(outcome.good ? OK : FAILED));
    }

    private void update(ControlRequest.Update update, ReplySink replies) throws Exception {
        Optional<String> hindrance = updates.hindrance();
        if (hindrance.isPresent()) {
            replies.send(new ControlReply.Note(Level.WARN, "no update in place: " + hindrance.get()));
            replies.send(new ControlReply.Done(ControlRequest.Update.NOT_IN_PLACE));
            return;
        }
        if (!lock.writeLock().tryLock(update.drainMillis(), TimeUnit.MILLISECONDS)) {
            refuse(replies, "not updated: another command is still being carried out");
            return;
        }
        try {
            carryOut(update, new Notes(replies));
            replies.send(new ControlReply.Done(FAILED));
        } finally {
            lock.writeLock().unlock();
        }
    }

    /// On a thread of its own, which nobody interrupts: a client that hangs up does so to this
    /// one, and is heard only while there is nothing to take back.
    private void carryOut(ControlRequest.Update update, Progress notes) throws Exception {
        AtomicBoolean unwanted = new AtomicBoolean();
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Thread.ofVirtual().name("pm2j-update").start(() -> {
            try {
                done.complete(updates.update(
                        update.command(),
                        Duration.ofMillis(update.drainMillis()),
                        update.force(),
                        notes,
                        unwanted::get));
            } catch (InterruptedException | IOException | RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        try {
            boolean _ = done.get();
        } catch (InterruptedException e) {
            unwanted.set(true);
            done.handle((_, _) -> true).join();
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static void refuse(ReplySink replies, String sentence) throws IOException {
        replies.send(new ControlReply.Note(Level.ERROR, sentence));
        replies.send(new ControlReply.Done(FAILED));
    }
}
