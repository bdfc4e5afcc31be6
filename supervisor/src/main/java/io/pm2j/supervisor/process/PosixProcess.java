package io.pm2j.supervisor.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.pm2j.supervisor.process.Posix.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// The system calls about processes: descriptors of them, signals to them, their end. As in
/// [Posix], each is linked on first use.
final class PosixProcess {
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;
    private static final long SYS_PIDFD_OPEN = 434;
    private static final int P_PID = 1;
    private static final int P_PIDFD = 3;
    private static final int WEXITED_WNOHANG = 4 | 1;
    private static final int CLD_EXITED = 1;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int CLOCK_BOOTTIME = 7;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private PosixProcess() {}

    private static final class Syscall {
        /// pidfd_open and pidfd_send_signal have wrappers only from glibc 2.36 on.
        static final MethodHandle CALL = Posix.link(
                "syscall",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1),
                Posix.CAPTURE);
    }

    /// A descriptor that stands for the process and becomes readable when it exits. It need not
    /// be our child.
    static int pidfdOpen(int pid) throws Errno {
        return (int) syscall("pidfd_open " + pid, SYS_PIDFD_OPEN, pid, 0);
    }

    /// Sends a signal to the very process that `pidfd` was opened for, whoever has its number by
    /// now.
    static void signal(int pidfd, int signal) throws Errno {
        long _ = syscall("pidfd_send_signal", SYS_PIDFD_SEND_SIGNAL, pidfd, signal);
    }

    private static long syscall(String what, long number, long first, long second) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            long result = (long) Syscall.CALL.invokeExact(slot, number, first, second, 0L, 0L);
            if (result < 0) {
                throw new Errno(what, Posix.errno(slot));
            }
            return result;
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    private static final class Kill {
        static final MethodHandle CALL = Posix.link("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    }

    /// Sends a signal to a number; only for a child of ours that was not reaped yet.
    static void kill(int pid, int signal) {
        try {
            int _ = (int) Kill.CALL.invokeExact(pid, signal);
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    private static final class Waitid {
        static final MethodHandle CALL = Posix.link(
                "waitid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), Posix.CAPTURE);
    }

    /// Reaps the exited process behind `pidfd`: how it ended, [ExitStatus.Unseen] when it is not
    /// our child, or null when it cannot be reaped yet (whoever traces it comes first).
    static @Nullable ExitStatus reap(int pidfd) throws Errno {
        return waitFor(P_PIDFD, pidfd);
    }

    /// Reaps the child `pid` if it has exited; [ExitStatus.Unseen] when there is no such child.
    static @Nullable ExitStatus reapChild(int pid) throws Errno {
        return waitFor(P_PID, pid);
    }

    private static @Nullable ExitStatus waitFor(int kind, int id) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            MemorySegment info = arena.allocate(128, 8);
            int result = (int) Waitid.CALL.invokeExact(slot, kind, id, info, WEXITED_WNOHANG);
            if (result < 0) {
                if (Posix.errno(slot) == Posix.ECHILD) {
                    return new ExitStatus.Unseen();
                }
                throw new Errno("waitid", Posix.errno(slot));
            }
            int pid = info.get(JAVA_INT, 16);
            int code = info.get(JAVA_INT, 8);
            int status = info.get(JAVA_INT, 24);
            if (pid == 0) {
                return null;
            }
            return code == CLD_EXITED ? new ExitStatus.Exited(status) : new ExitStatus.Killed(status);
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    private static final class Prctl {
        static final MethodHandle CALL = Posix.link(
                "prctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1),
                Posix.CAPTURE);
    }

    /// Whether descendants whose parents die become our children, rather than those of init.
    static void subreaper(boolean wanted) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            int result = (int) Prctl.CALL.invokeExact(slot, PR_SET_CHILD_SUBREAPER, wanted ? 1L : 0L, 0L, 0L, 0L);
            if (result < 0) {
                throw new Errno("prctl", Posix.errno(slot));
            }
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    /// The size of a memory page in bytes.
    static int pageBytes() {
        return number("getpagesize");
    }

    /// The effective user of this process.
    static int effectiveUid() {
        return number("geteuid");
    }

    private static int number(String function) {
        try {
            return (int) Posix.link(function, FunctionDescriptor.of(JAVA_INT)).invokeExact();
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    private static final class ClockGettime {
        static final MethodHandle CALL =
                Posix.link("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    }

    /// Nanoseconds since the system was started: the clock that the start times of processes are
    /// told by.
    static long bootNanos() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            int _ = (int) ClockGettime.CALL.invokeExact(CLOCK_BOOTTIME, time);
            return time.get(JAVA_LONG, 0) * NANOS_PER_SECOND + time.get(JAVA_LONG, 8);
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }
}
