package io.pm2j.supervisor.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.pm2j.supervisor.process.Posix.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Puts another program in the place of this one: the same process, with its pid, its children
/// and the descriptors that are to be kept.
///
/// The JDK opens its files and sockets without close-on-exec, so every descriptor is marked
/// first and the kept ones are cleared after; the standard streams always stay.
public final class Succession {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;
    private static final int F_SETLK = 6;
    private static final short F_WRLCK = 1;
    private static final int F_DUPFD_CLOEXEC = 1030;
    /// `struct flock` where numbers have 64 bits.
    private static final int LOCK_BYTES = 32;
    private static final int FIRST_AFTER_STANDARD_STREAMS = 3;
    private static final int SIG_SETMASK = 2;
    private static final int SIGNAL_SET_BYTES = 128;
    private static final int X_OK = 1;
    private static final int EBADF = 9;
    private static final Path UNIX_SOCKETS = Path.of("/proc/self/net/unix");
    private static final int INODE_FIELD = 6;

    private Succession() {}

    private static final class Calls {
        static final MethodHandle FCNTL = Posix.link(
                "fcntl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(2),
                Posix.CAPTURE);
        static final MethodHandle LOCK = Posix.link(
                "fcntl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS),
                Linker.Option.firstVariadicArg(2),
                Posix.CAPTURE);
        static final MethodHandle DUP2 =
                Posix.link("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), Posix.CAPTURE);
        static final MethodHandle EXECV =
                Posix.link("execv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS), Posix.CAPTURE);
        static final MethodHandle SIGMASK =
                Posix.link("pthread_sigmask", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
        static final MethodHandle ACCESS =
                Posix.link("access", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Posix.CAPTURE);
    }

    /// Becomes `command`, whose first word is the path of a program, with `kept` open beside the
    /// standard streams. Does not return; call it from a platform thread, when nothing else is
    /// to happen in this process any more.
    ///
    /// @throws IOException when the system refuses; this process goes on
    public static void become(List<String> command, Set<Integer> kept) throws IOException {
        for (int fd : open()) {
            try {
                closesOnExec(fd, !kept.contains(fd));
            } catch (Errno e) {
                // Whatever is not to be kept may have been closed meanwhile.
                if (kept.contains(fd) || e.number() != EBADF) {
                    throw e;
                }
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            MemorySegment argv = arena.allocate(ADDRESS, command.size() + 1L);
            for (int i = 0; i < command.size(); i++) {
                argv.setAtIndex(ADDRESS, i, arena.allocateFrom(command.get(i)));
            }
            argv.setAtIndex(ADDRESS, command.size(), MemorySegment.NULL);
            // What this thread blocks would stay blocked in the next program.
            int _ = (int)
                    Calls.SIGMASK.invokeExact(SIG_SETMASK, arena.allocate(SIGNAL_SET_BYTES, 8), MemorySegment.NULL);
            int _ = (int) Calls.EXECV.invokeExact(slot, argv.getAtIndex(ADDRESS, 0), argv);
            throw new Errno("execv " + command.getFirst(), Posix.errno(slot));
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    /// Whether this user may run the program at `path`.
    public static boolean mayRun(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) Calls.ACCESS.invokeExact(Posix.errnoSlot(arena), arena.allocateFrom(path.toString()), X_OK)
                    == 0;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    /// Says whether `fd` is closed when this process becomes another program or starts one.
    public static void closesOnExec(int fd, boolean wanted) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            int flags = (int) Calls.FCNTL.invokeExact(slot, fd, F_GETFD, 0);
            if (flags < 0) {
                throw new Errno("descriptor " + fd, Posix.errno(slot));
            }
            int next = wanted ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC;
            if (next != flags && (int) Calls.FCNTL.invokeExact(slot, fd, F_SETFD, next) < 0) {
                throw new Errno("descriptor " + fd, Posix.errno(slot));
            }
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    /// Another descriptor for what `fd` stands for, closed on exec.
    public static int copy(int fd) throws Errno {
        return call("descriptor " + fd, slot ->
                (int) Calls.FCNTL.invokeExact(slot, fd, F_DUPFD_CLOEXEC, FIRST_AFTER_STANDARD_STREAMS));
    }

    /// Makes the number `to` stand for what `fd` stands for, whatever it was.
    public static void copyTo(int fd, int to) throws Errno {
        int _ = call("descriptor " + to, slot -> (int) Calls.DUP2.invokeExact(slot, fd, to));
    }

    /// Has this process hold the lock of the whole file that `fd` stands for; it may hold it
    /// already.
    ///
    /// @throws IOException when another process has it
    public static void lock(int fd) throws Errno {
        int _ = call("the lock by descriptor " + fd, slot -> {
            try (Arena arena = Arena.ofConfined()) {
                // From the file's beginning (whence, start 0) to its end (length 0).
                MemorySegment lock = arena.allocate(LOCK_BYTES, 8);
                lock.set(JAVA_SHORT, 0, F_WRLCK);
                return (int) Calls.LOCK.invokeExact(slot, fd, F_SETLK, lock);
            }
        });
    }

    private interface Call {
        int on(MemorySegment slot) throws Throwable;
    }

    private static int call(String what, Call call) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            int result = call.on(slot);
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

    /// The descriptor of this process that stands for the file at `path`.
    public static Optional<Integer> descriptorOf(Path path) throws IOException {
        for (int fd : open()) {
            Path of = DESCRIPTORS.resolve(String.valueOf(fd));
            try {
                if (Files.readSymbolicLink(of).equals(path) || Files.isSameFile(of, path)) {
                    return Optional.of(fd);
                }
            } catch (IOException e) {
                // closed meanwhile, or no file
            }
        }
        return Optional.empty();
    }

    /// Closes what is connected to the Unix socket at `path`, but for `kept`: another thread may have
    /// accepted it between the marking of all descriptors and the end of the program before.
    public static void closeConnections(Path path, Set<Integer> kept) throws IOException {
        Set<String> connections = new HashSet<>();
        for (String line : Files.readAllLines(UNIX_SOCKETS, StandardCharsets.ISO_8859_1)) {
            String[] fields = line.strip().split("\\s+", INODE_FIELD + 2);
            if (fields.length == INODE_FIELD + 2 && fields[INODE_FIELD + 1].startsWith(bytes(path))) {
                connections.add("socket:[" + fields[INODE_FIELD] + "]");
            }
        }
        for (int fd : open()) {
            try {
                Path of = Files.readSymbolicLink(DESCRIPTORS.resolve(String.valueOf(fd)));
                if (!kept.contains(fd) && connections.contains(of.toString())) {
                    Posix.close(fd);
                }
            } catch (NoSuchFileException e) {
                // closed meanwhile
            }
        }
    }

    /// The kernel tells bytes.
    private static String bytes(Path path) {
        return new String(path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /// The descriptors that are open behind the standard streams.
    private static Set<Integer> open() throws IOException {
        Set<Integer> all = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path entry : entries) {
                int fd = Integer.parseInt(entry.getFileName().toString());
                if (fd >= FIRST_AFTER_STANDARD_STREAMS && Files.exists(entry, LinkOption.NOFOLLOW_LINKS)) {
                    all.add(fd);
                }
            }
        }
        // The directory's own descriptor is gone by now.
        all.removeIf(fd -> !Files.exists(DESCRIPTORS.resolve(String.valueOf(fd)), LinkOption.NOFOLLOW_LINKS));
        return all;
    }
}
