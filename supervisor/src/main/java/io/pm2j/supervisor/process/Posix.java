package io.pm2j.supervisor.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The few system calls that the JDK has no door to, through its foreign-function interface.
///
/// Linux on 64 bits (x86-64 and AArch64 share every constant used here). Each call throws [Errno]
/// when the system refuses. Functions are linked on first use: linking costs milliseconds that a
/// start need not pay.
public final class Posix {
    public static final int EAGAIN = 11;
    public static final int EADDRINUSE = 98;
    static final int EINTR = 4;
    static final int ESRCH = 3;
    static final int ECHILD = 10;

    static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private Posix() {}

    /// The system refused a call; `number` is the errno.
    public static final class Errno extends IOException {
        private static final long serialVersionUID = 1L;

        private final int number;

        Errno(String call, int number) {
            super(call + ": " + text(number));
            this.number = number;
        }

        public int number() {
            return number;
        }

        private static String text(int number) {
            return switch (number) {
                case 1 -> "operation not permitted";
                case 2 -> "no such file or directory";
                case 3 -> "no such process";
                case 7 -> "argument list too long";
                case 8 -> "exec format error";
                case 9 -> "bad file descriptor";
                case 11 -> "resource temporarily unavailable";
                case 12 -> "cannot allocate memory";
                case 13 -> "permission denied";
                case 20 -> "not a directory";
                case 24 -> "too many open files";
                case 32 -> "broken pipe";
                default -> "errno " + number;
            };
        }
    }

    /// A function whose errno is captured, or that returns the error number itself.
    static MethodHandle link(String name, FunctionDescriptor type, Linker.Option... options) {
        MemorySegment address = LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("this C library has no " + name));
        return LINKER.downcallHandle(address, type, options);
    }

    static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    static MemorySegment errnoSlot(Arena arena) {
        return arena.allocate(Linker.Option.captureStateLayout());
    }

    static int errno(MemorySegment slot) {
        return (int) ERRNO.get(slot, 0L);
    }

    static RuntimeException unexpected(Throwable cause) {
        if (cause instanceof RuntimeException e) {
            return e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return new IllegalStateException("a foreign call failed", cause);
    }

    // --- descriptors -------------------------------------------------------------------------------------

    private static final class Socketpair {
        static final MethodHandle CALL =
                link("socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS), CAPTURE);
    }

    /// A connected pair of Unix stream sockets, both closed on exec.
    public static int[] socketPair(boolean nonBlocking) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = errnoSlot(arena);
            MemorySegment pair = arena.allocate(JAVA_INT, 2);
            int type = SOCK_STREAM | CLOEXEC | (nonBlocking ? SOCK_NONBLOCK : 0);
            int result = (int) Socketpair.CALL.invokeExact(slot, AF_UNIX, type, 0, pair);
            if (result < 0) {
                throw new Errno("socketpair", errno(slot));
            }
            return new int[] {pair.getAtIndex(JAVA_INT, 0), pair.getAtIndex(JAVA_INT, 1)};
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static final class Pipe2 {
        static final MethodHandle CALL = link("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), CAPTURE);
    }

    /// A pipe, closed on exec: `[read end, write end]`.
    public static int[] pipe() throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = errnoSlot(arena);
            MemorySegment pair = arena.allocate(JAVA_INT, 2);
            int result = (int) Pipe2.CALL.invokeExact(slot, pair, CLOEXEC);
            if (result < 0) {
                throw new Errno("pipe2", errno(slot));
            }
            return new int[] {pair.getAtIndex(JAVA_INT, 0), pair.getAtIndex(JAVA_INT, 1)};
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static final class Close {
        static final MethodHandle CALL = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    }

    /// Closes a descriptor; what the system says to it is of no use to anybody.
    public static void close(int fd) {
        try {
            int _ = (int) Close.CALL.invokeExact(fd);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static final class Read {
        static final MethodHandle CALL =
                link("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG), CAPTURE);
    }

    /// Reads into `target`.
    ///
    /// @return the count, 0 at the end, or -1 when nothing is there yet
    static int read(int fd, MemorySegment target, MemorySegment slot) throws Errno {
        try {
            long count = (long) Read.CALL.invokeExact(slot, fd, target, target.byteSize());
            if (count < 0) {
                int number = errno(slot);
                if (number == EAGAIN || number == EINTR) {
                    return -1;
                }
                throw new Errno("read", number);
            }
            return (int) count;
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// Reads what is there, up to 64 KiB, into a new array.
    ///
    /// @return null when nothing is there yet, an empty array at the end
    public static byte @Nullable [] receive(int fd) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(65_536);
            int count = read(fd, target, errnoSlot(arena));
            return count < 0 ? null : target.asSlice(0, count).toArray(JAVA_BYTE);
        }
    }

    /// Reads what is there into `target`, which is native memory.
    ///
    /// @return the count, 0 at the end, or -1 when nothing is there yet
    public static int receiveInto(int fd, MemorySegment target) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            return read(fd, target, errnoSlot(arena));
        }
    }

    private static final class Sendmsg {
        static final MethodHandle CALL =
                link("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT), CAPTURE);
    }

    /// Sends `bytes` from `from` on, without blocking; `passedFd` travels along with the first
    /// byte unless it is negative.
    ///
    /// @return how many bytes went, or -1 when the socket takes none now
    public static int send(int socket, byte[] bytes, int from, int passedFd) throws Errno {
        int length = bytes.length - from;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = errnoSlot(arena);
            MemorySegment data = arena.allocate(length);
            MemorySegment.copy(bytes, from, data, JAVA_BYTE, 0, length);
            MemorySegment vector = arena.allocate(16, 8);
            vector.set(ADDRESS, 0, data);
            vector.set(JAVA_LONG, 8, length);
            MemorySegment message = arena.allocate(56, 8);
            message.set(ADDRESS, 16, vector);
            message.set(JAVA_LONG, 24, 1);
            if (passedFd >= 0) {
                MemorySegment control = arena.allocate(24, 8);
                control.set(JAVA_LONG, 0, 20);
                control.set(JAVA_INT, 8, SOL_SOCKET);
                control.set(JAVA_INT, 12, SCM_RIGHTS);
                control.set(JAVA_INT, 16, passedFd);
                message.set(ADDRESS, 32, control);
                message.set(JAVA_LONG, 40, 24);
            }
            long count = (long) Sendmsg.CALL.invokeExact(slot, socket, message, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count < 0) {
                int number = errno(slot);
                if (number == EAGAIN) {
                    return -1;
                }
                throw new Errno("sendmsg", number);
            }
            return (int) count;
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    // --- files -------------------------------------------------------------------------------------------

    private static final class Open {
        static final MethodHandle CALL = link(
                "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2), CAPTURE);
    }

    static int open(MemorySegment path, int flags, MemorySegment slot) throws Errno {
        try {
            int fd = (int) Open.CALL.invokeExact(slot, path, flags | CLOEXEC);
            if (fd < 0) {
                throw new Errno("open " + path.getString(0), errno(slot));
            }
            return fd;
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static int open(String path, int flags) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            return open(arena.allocateFrom(path), flags, errnoSlot(arena));
        }
    }

    /// Opens `path` for reading that does not block, closed on exec. The pipe behind
    /// `/proc/PID/fd/1` is opened anew.
    public static int openForReading(Path path) throws Errno {
        return open(path.toString(), O_NONBLOCK);
    }

    private static final class Write {
        static final MethodHandle CALL =
                link("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG), CAPTURE);
    }

    /// Writes to what `path` stands for, such as the pipe behind `/proc/PID/fd/0`, without waiting.
    ///
    /// @return how many bytes it took
    static int writeWithoutWaiting(Path path, byte[] bytes) throws Errno {
        int fd = open(path.toString(), O_WRONLY | O_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = errnoSlot(arena);
            MemorySegment data = arena.allocate(bytes.length);
            MemorySegment.copy(bytes, 0, data, JAVA_BYTE, 0, bytes.length);
            long count = (long) Write.CALL.invokeExact(slot, fd, data, (long) bytes.length);
            if (count >= 0) {
                return (int) count;
            }
            if (errno(slot) == EAGAIN) {
                return 0;
            }
            throw new Errno("write", errno(slot));
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        } finally {
            close(fd);
        }
    }

    /// Opens what the descriptor `fd` stands for once more, for reading and writing, closed on
    /// exec.
    static int reopen(int fd) throws Errno {
        return open("/proc/self/fd/" + fd, O_RDWR);
    }

    private static final class Fchown {
        static final MethodHandle CALL =
                link("fchown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), CAPTURE);
    }

    /// Gives what `fd` stands for to a user; the group stays.
    static void giveTo(int fd, int uid) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = errnoSlot(arena);
            int result = (int) Fchown.CALL.invokeExact(slot, fd, uid, -1);
            if (result < 0) {
                throw new Errno("fchown", errno(slot));
            }
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    // --- sessions ----------------------------------------------------------------------------------------

    private static final class Setsid {
        static final MethodHandle CALL = link("setsid", FunctionDescriptor.of(JAVA_INT), CAPTURE);
    }

    /// Makes this process the leader of a session without a terminal; already being a leader is
    /// fine.
    public static void leaveTerminal() {
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int) Setsid.CALL.invokeExact(errnoSlot(arena));
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
