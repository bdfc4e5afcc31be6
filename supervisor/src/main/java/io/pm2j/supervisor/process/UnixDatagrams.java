package io.pm2j.supervisor.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.pm2j.supervisor.process.Posix.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Unix datagram sockets (unix(7)), which the JDK has none of: bound to a path or to an abstract
/// name, with the sender's user and the descriptors that come along. As in [Posix], functions are
/// linked on first use.
public final class UnixDatagrams {
    /// The longest path, in bytes, that a socket can be bound to.
    public static final int LONGEST_PATH = 107;

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0x80000 | 0x800;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PASSCRED = 16;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int SO_SNDTIMEO = 21;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final long LONGEST_SEND_SECONDS = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int OWNER_ONLY = 0600;

    /// As much as systemd takes; what is longer is cut and known by [Datagram#whole].
    private static final int LONGEST_DATAGRAM = 4_096;
    /// How many descriptors one message can carry.
    public static final int MOST_DESCRIPTORS = 253;
    /// Credentials, and descriptors.
    private static final int CONTROL_BYTES = 32 + 16 + MOST_DESCRIPTORS * 4 + 4;

    private static final int CONTROL_HEADER_BYTES = 16;

    private UnixDatagrams() {}

    /// What came in one go: all of it (`whole`), from a process of user `senderUid` (-1 when
    /// untold), with descriptors that the receiver closes.
    public record Datagram(byte[] bytes, boolean whole, int senderUid, List<Integer> descriptors) {}

    private static final class Calls {
        static final MethodHandle SOCKET =
                Posix.link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), Posix.CAPTURE);
        static final MethodHandle BIND =
                Posix.link("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), Posix.CAPTURE);
        static final MethodHandle FCHMOD =
                Posix.link("fchmod", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), Posix.CAPTURE);
        static final MethodHandle SETSOCKOPT = Posix.link(
                "setsockopt",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
                Posix.CAPTURE);
        static final MethodHandle RECVMSG =
                Posix.link("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT), Posix.CAPTURE);
        static final MethodHandle SENDMSG =
                Posix.link("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT), Posix.CAPTURE);
    }

    /// A socket at `path`, which only the user of this process (and root) can send to, from its
    /// first moment on.
    public static int bind(Path path) throws Errno {
        byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
        if (name.length > LONGEST_PATH + 1) {
            throw new IllegalArgumentException("longer than a socket's path can be: " + path);
        }
        return bind(name);
    }

    /// A socket at the abstract name `name`. Every process of the same network namespace can send
    /// to it.
    public static int bindAbstract(String name) throws Errno {
        return bind(("\0" + name).getBytes(StandardCharsets.UTF_8));
    }

    private static int bind(byte[] name) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            int socket = (int) Calls.SOCKET.invokeExact(slot, AF_UNIX, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0);
            check("socket", socket, slot);
            boolean bound = false;
            try {
                MemorySegment yes = arena.allocateFrom(JAVA_INT, 1);
                check(
                        "SO_PASSCRED",
                        (int) Calls.SETSOCKOPT.invokeExact(slot, socket, SOL_SOCKET, SO_PASSCRED, yes, Integer.BYTES),
                        slot);
                // Before the bind: Linux makes the file with the mode of the socket.
                check("fchmod", (int) Calls.FCHMOD.invokeExact(slot, socket, OWNER_ONLY), slot);
                MemorySegment address = address(arena, name);
                check("bind", (int) Calls.BIND.invokeExact(slot, socket, address, 2 + name.length), slot);
                bound = true;
                return socket;
            } finally {
                if (!bound) {
                    Posix.close(socket);
                }
            }
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    private static void check(String call, int result, MemorySegment slot) throws Errno {
        if (result < 0) {
            throw new Errno(call, Posix.errno(slot));
        }
    }

    /// Sends one datagram, with descriptors, to whoever is bound to `to`: a path, or an abstract
    /// name behind `@`. Where that one's queue is full it is waited for, for a second at most.
    ///
    /// @throws Errno when it was not sent
    public static void send(String to, byte[] bytes, List<Integer> descriptors) throws Errno {
        byte[] name = (to.startsWith("@") ? "\0" + to.substring(1) : to + "\0").getBytes(StandardCharsets.UTF_8);
        if (name.length > LONGEST_PATH + 1) {
            throw new IllegalArgumentException("longer than a socket's path can be: " + to);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            int socket = (int) Calls.SOCKET.invokeExact(slot, AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
            check("socket", socket, slot);
            try {
                MemorySegment limit = arena.allocateFrom(JAVA_LONG, LONGEST_SEND_SECONDS, 0);
                check(
                        "SO_SNDTIMEO",
                        (int) Calls.SETSOCKOPT.invokeExact(slot, socket, SOL_SOCKET, SO_SNDTIMEO, limit, 16),
                        slot);
                MemorySegment message = message(arena, address(arena, name), bytes, descriptors);
                if ((long) Calls.SENDMSG.invokeExact(slot, socket, message, MSG_NOSIGNAL) < 0) {
                    throw new Errno("sendmsg " + to, Posix.errno(slot));
                }
            } finally {
                Posix.close(socket);
            }
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    private static MemorySegment address(Arena arena, byte[] name) {
        MemorySegment address = arena.allocate(2L + name.length, 2);
        address.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
        return address;
    }

    private static MemorySegment message(Arena arena, MemorySegment to, byte[] bytes, List<Integer> descriptors) {
        MemorySegment vector = arena.allocate(16, 8);
        vector.set(ADDRESS, 0, arena.allocateFrom(JAVA_BYTE, bytes));
        vector.set(JAVA_LONG, 8, bytes.length);
        MemorySegment message = arena.allocate(56, 8);
        message.set(ADDRESS, 0, to);
        message.set(JAVA_INT, 8, (int) to.byteSize());
        message.set(ADDRESS, 16, vector);
        message.set(JAVA_LONG, 24, 1);
        if (!descriptors.isEmpty()) {
            long length = CONTROL_HEADER_BYTES + (long) Integer.BYTES * descriptors.size();
            MemorySegment control = arena.allocate((length + 7) & ~7L, 8);
            control.set(JAVA_LONG, 0, length);
            control.set(JAVA_INT, 8, SOL_SOCKET);
            control.set(JAVA_INT, 12, SCM_RIGHTS);
            for (int i = 0; i < descriptors.size(); i++) {
                control.set(JAVA_INT, CONTROL_HEADER_BYTES + (long) Integer.BYTES * i, descriptors.get(i));
            }
            message.set(ADDRESS, 32, control);
            message.set(JAVA_LONG, 40, control.byteSize());
        }
        return message;
    }

    /// The next datagram.
    ///
    /// @return null when there is none yet
    public static @Nullable Datagram receive(int socket) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            MemorySegment data = arena.allocate(LONGEST_DATAGRAM);
            MemorySegment vector = arena.allocate(16, 8);
            vector.set(ADDRESS, 0, data);
            vector.set(JAVA_LONG, 8, LONGEST_DATAGRAM);
            MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
            MemorySegment message = arena.allocate(56, 8);
            message.set(ADDRESS, 16, vector);
            message.set(JAVA_LONG, 24, 1);
            message.set(ADDRESS, 32, control);
            message.set(JAVA_LONG, 40, CONTROL_BYTES);
            long count = (long) Calls.RECVMSG.invokeExact(slot, socket, message, MSG_CMSG_CLOEXEC);
            if (count < 0) {
                int number = Posix.errno(slot);
                if (number == Posix.EAGAIN || number == Posix.EINTR) {
                    return null;
                }
                throw new Errno("recvmsg", number);
            }
            boolean whole = (message.get(JAVA_INT, 48) & MSG_TRUNC) == 0;
            byte[] bytes = data.asSlice(0, count).toArray(JAVA_BYTE);
            return withControl(bytes, whole, control.asSlice(0, message.get(JAVA_LONG, 40)));
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    private static Datagram withControl(byte[] bytes, boolean whole, MemorySegment control) {
        int senderUid = -1;
        List<Integer> descriptors = new ArrayList<>();
        long at = 0;
        while (at + CONTROL_HEADER_BYTES <= control.byteSize()) {
            long length = control.get(JAVA_LONG, at);
            if (length < CONTROL_HEADER_BYTES || at + length > control.byteSize()) {
                break;
            }
            int type = control.get(JAVA_INT, at + 12);
            if (type == SCM_CREDENTIALS) {
                senderUid = control.get(JAVA_INT, at + CONTROL_HEADER_BYTES + 4);
            } else if (type == SCM_RIGHTS) {
                for (long fd = at + CONTROL_HEADER_BYTES; fd + Integer.BYTES <= at + length; fd += Integer.BYTES) {
                    descriptors.add(control.get(JAVA_INT, fd));
                }
            }
            at += (length + 7) & ~7L;
        }
        return new Datagram(bytes, whole, senderUid, List.copyOf(descriptors));
    }
}
