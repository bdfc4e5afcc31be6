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
import org.jspecify.annotations.Nullable;

/// The few system calls that the JDK has no door to, through its foreign-function interface.
///
/// Linux on 64 bits (x86-64 and AArch64 share every constant used here). Each call throws [Errno] when the
/// system refuses. Functions are linked on first use: linking costs milliseconds that a start need not pay.
public final class Posix {
    public static final int EAGAIN = 11;
    public static final int EADDRINUSE = 98;
    static final int EINTR = 4;
    static final int ESRCH = 3;

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

    /// Sends `bytes` from `from` on, without blocking; `passedFd` travels along with the first byte unless it is
    /// negative.
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

    // --- processes ---------------------------------------------------------------------------------------

    private static final class Kill {
        static final MethodHandle CALL = link("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), CAPTURE);
    }

    /// Sends a signal to a process, or to the group `-pid`.
    ///
    /// @return false when there is no such process
    static boolean kill(int pid, int signal) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = errnoSlot(arena);
            int result = (int) Kill.CALL.invokeExact(slot, pid, signal);
            if (result == 0) {
                return true;
            }
            if (errno(slot) == ESRCH) {
                return false;
            }
            throw new Errno("kill " + pid, errno(slot));
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// The size of a memory page in bytes.
    static int pageBytes() {
        try {
            return (int) link("getpagesize", FunctionDescriptor.of(JAVA_INT)).invokeExact();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static final class Setsid {
        static final MethodHandle CALL = link("setsid", FunctionDescriptor.of(JAVA_INT), CAPTURE);
    }

    /// Makes this process the leader of a session without a terminal; already being a leader is fine.
    public static void leaveTerminal() {
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int) Setsid.CALL.invokeExact(errnoSlot(arena));
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static final class Syscall {
        /// pidfd_open has a wrapper only from glibc 2.36 on.
        static final MethodHandle CALL = link(
                "syscall",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1),
                CAPTURE);
    }

    private static final long SYS_PIDFD_OPEN = 434;

    /// A descriptor that becomes readable when the process exits.
    static int pidfdOpen(int pid) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = errnoSlot(arena);
            long fd = (long) Syscall.CALL.invokeExact(slot, SYS_PIDFD_OPEN, (long) pid, 0L);
            if (fd < 0) {
                throw new Errno("pidfd_open " + pid, errno(slot));
            }
            return (int) fd;
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static final class Waitid {
        static final MethodHandle CALL =
                link("waitid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), CAPTURE);
    }

    private static final int P_PIDFD = 3;
    private static final int WEXITED_WNOHANG = 4 | 1;
    private static final int CLD_EXITED = 1;

    /// Reaps the exited process behind `pidfd`.
    static ExitStatus reap(int pidfd) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = errnoSlot(arena);
            MemorySegment info = arena.allocate(128, 8);
            int result = (int) Waitid.CALL.invokeExact(slot, P_PIDFD, pidfd, info, WEXITED_WNOHANG);
            if (result < 0) {
                throw new Errno("waitid", errno(slot));
            }
            int code = info.get(JAVA_INT, 8);
            int status = info.get(JAVA_INT, 24);
            return code == CLD_EXITED ? new ExitStatus.Exited(status) : new ExitStatus.Killed(status);
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
