package io.pm2j.supervisor.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.pm2j.supervisor.process.Posix.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One platform thread that waits for descriptors (epoll, level-triggered) and calls whoever watches them.
///
/// [#watch], [#alsoWhenWritable] and [#forget] may be called from any thread; callbacks run on the poller's
/// thread, must not block, and may be called once more after a concurrent [#forget]. A callback that throws
/// loses its watch and is logged; the others go on.
public final class Poller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Poller.class);

    private static final int IN = 0x001;
    private static final int OUT = 0x004;
    private static final int ADD = 1;
    private static final int DELETE = 2;
    private static final int MODIFY = 3;
    private static final int CLOEXEC = 0x80000;
    private static final int BATCH = 64;
    /// `struct epoll_event` is packed on x86-64 only.
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

    private static final int EVENT_BYTES = PACKED ? 12 : 16;
    private static final int DATA_OFFSET = PACKED ? 4 : 8;

    private static final MethodHandle EPOLL_CREATE =
            Posix.link("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT), Posix.CAPTURE);
    private static final MethodHandle EPOLL_CTL = Posix.link(
            "epoll_ctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS), Posix.CAPTURE);
    private static final MethodHandle EPOLL_WAIT = Posix.link(
            "epoll_wait", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), Posix.CAPTURE);

    /// Told that a descriptor is ready.
    @FunctionalInterface
    public interface Watch {
        void ready(boolean writable) throws Exception;
    }

    /// The exit code of a process whose poller failed. As sysexits.h EX_SOFTWARE.
    private static final int BLIND = 70;

    private final int epoll;
    private final int[] wake;
    private final Map<Integer, Watch> watches = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closed;
    /// Held while callbacks are called; whoever pauses has it.
    private final Semaphore turn = new Semaphore(1, true);

    public Poller(String role) {
        this(role, false);
    }

    /// One that is `paused` calls nobody before [#resume].
    public Poller(String role, boolean paused) {
        if (paused) {
            turn.acquireUninterruptibly();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            epoll = (int) EPOLL_CREATE.invokeExact(slot, CLOEXEC);
            if (epoll < 0) {
                throw new IllegalStateException(new Errno("epoll_create1", Posix.errno(slot)));
            }
            wake = Posix.pipe();
            control(ADD, wake[0], IN);
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
        thread = Thread.ofPlatform().name("pm2j-" + role).daemon().start(this::loop);
    }

    /// Calls `watch` whenever `fd` has something to read, or was closed at the other end.
    public void watch(int fd, Watch watch) throws Errno {
        watches.put(fd, watch);
        try {
            control(ADD, fd, IN);
        } catch (Errno e) {
            watches.remove(fd);
            throw e;
        }
    }

    /// Whether the watch of `fd` is also called when `fd` takes bytes.
    public void alsoWhenWritable(int fd, boolean wanted) throws Errno {
        control(MODIFY, fd, wanted ? IN | OUT : IN);
    }

    /// Ends the watch of `fd`; call it before the descriptor is closed.
    public void forget(int fd) {
        if (watches.remove(fd) != null) {
            try {
                control(DELETE, fd, 0);
            } catch (Errno e) {
                LOG.debug("epoll no longer knew descriptor {}", fd, e);
            }
        }
    }

    /// Calls nobody until [#resume]: when this returns no callback runs. What happens meanwhile
    /// is told after.
    public void pause() {
        turn.acquireUninterruptibly();
    }

    /// Goes on after a [#pause].
    public void resume() {
        turn.release();
    }

    @Override
    public void close() {
        closed = true;
        Posix.close(wake[1]);
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void control(int operation, int fd, int events) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            MemorySegment event = arena.allocate(EVENT_BYTES, 8);
            event.set(JAVA_INT_UNALIGNED, 0, events);
            event.set(JAVA_LONG_UNALIGNED, DATA_OFFSET, fd);
            int result = (int) EPOLL_CTL.invokeExact(slot, epoll, operation, fd, event);
            if (result < 0) {
                throw new Errno("epoll_ctl", Posix.errno(slot));
            }
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    private void loop() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            MemorySegment events = arena.allocate((long) EVENT_BYTES * BATCH, 8);
            while (!closed) {
                int count = (int) EPOLL_WAIT.invokeExact(slot, epoll, events, BATCH, -1);
                turn.acquireUninterruptibly();
                try {
                    for (int i = 0; i < count; i++) {
                        long base = (long) EVENT_BYTES * i;
                        int ready = events.get(JAVA_INT_UNALIGNED, base);
                        dispatch((int) events.get(JAVA_LONG_UNALIGNED, base + DATA_OFFSET), (ready & OUT) != 0);
                    }
                } finally {
                    turn.release();
                }
            }
        } catch (Throwable t) {
            LOG.atError()
                    .setCause(t)
                    .log("poller {} ended", Thread.currentThread().getName());
            // A daemon that sees no exits any more is worse than none: the next one takes over what runs.
            Runtime.getRuntime().halt(BLIND);
        } finally {
            Posix.close(epoll);
            Posix.close(wake[0]);
        }
    }

    private void dispatch(int fd, boolean writable) {
        Watch watch = watches.get(fd);
        if (watch == null) {
            return;
        }
        try {
            watch.ready(writable);
        } catch (Exception | StackOverflowError e) {
            LOG.atError().setCause(e).addKeyValue("descriptor", fd).log("a watch failed and was ended");
            forget(fd);
        }
    }
}
