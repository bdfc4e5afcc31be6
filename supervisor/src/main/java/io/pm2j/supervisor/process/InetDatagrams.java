package io.pm2j.supervisor.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.pm2j.supervisor.process.Posix.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;

/// UDP sockets as descriptors, to be handed to other processes. As in [Posix], functions are
/// linked on first use.
public final class InetDatagrams {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0x80000 | 0x800;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_REUSEPORT = 15;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int ADDRESS_BYTES_4 = 16;
    private static final int ADDRESS_BYTES_6 = 28;
    private static final ValueLayout.OfShort PORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private InetDatagrams() {}

    private static final class Calls {
        static final MethodHandle SOCKET =
                Posix.link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), Posix.CAPTURE);
        static final MethodHandle BIND =
                Posix.link("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), Posix.CAPTURE);
        static final MethodHandle SETSOCKOPT = Posix.link(
                "setsockopt",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
                Posix.CAPTURE);
        static final MethodHandle GETSOCKNAME =
                Posix.link("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), Posix.CAPTURE);
        static final MethodHandle FCNTL = Posix.link(
                "fcntl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(2),
                Posix.CAPTURE);
    }

    /// How a socket is bound: with the options that a program asked for.
    public record Options(boolean onlyIpv6, boolean reuseAddress, boolean reusePort) {}

    /// A socket of the family IPv6 (`six`) or IPv4, bound to `address` and `port`; closed on exec.
    public static int bind(boolean six, InetAddress address, int port, Options options) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            int socket = (int) Calls.SOCKET.invokeExact(slot, six ? AF_INET6 : AF_INET, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0);
            check("socket", socket, slot);
            boolean bound = false;
            try {
                MemorySegment yes = arena.allocateFrom(JAVA_INT, 1);
                if (options.onlyIpv6 && six) {
                    set(socket, IPPROTO_IPV6, IPV6_V6ONLY, yes, slot);
                }
                if (options.reuseAddress) {
                    set(socket, SOL_SOCKET, SO_REUSEADDR, yes, slot);
                }
                if (options.reusePort) {
                    set(socket, SOL_SOCKET, SO_REUSEPORT, yes, slot);
                }
                MemorySegment place = six ? six(arena, address, port) : four(arena, address, port);
                check("bind", (int) Calls.BIND.invokeExact(slot, socket, place, (int) place.byteSize()), slot);
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

    private static void set(int socket, int level, int option, MemorySegment value, MemorySegment slot)
            throws Throwable {
        check(
                "setsockopt",
                (int) Calls.SETSOCKOPT.invokeExact(slot, socket, level, option, value, Integer.BYTES),
                slot);
    }

    /// `struct sockaddr_in`.
    private static MemorySegment four(Arena arena, InetAddress address, int port) {
        MemorySegment place = arena.allocate(ADDRESS_BYTES_4, 4);
        place.set(JAVA_SHORT, 0, (short) AF_INET);
        place.set(PORT, 2, (short) port);
        MemorySegment.copy(address.getAddress(), 0, place, JAVA_BYTE, 4, 4);
        return place;
    }

    /// `struct sockaddr_in6`; an IPv4 address as RFC 4291 §2.5.5.2 maps it.
    private static MemorySegment six(Arena arena, InetAddress address, int port) {
        MemorySegment place = arena.allocate(ADDRESS_BYTES_6, 4);
        place.set(JAVA_SHORT, 0, (short) AF_INET6);
        place.set(PORT, 2, (short) port);
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            place.set(JAVA_SHORT, 8 + 10, (short) -1);
        }
        MemorySegment.copy(bytes, 0, place, JAVA_BYTE, 8 + 16 - bytes.length, bytes.length);
        if (address instanceof Inet6Address scoped) {
            place.set(JAVA_INT, 24, scoped.getScopeId());
        }
        return place;
    }

    /// The port that `socket` is bound to.
    public static int port(int socket) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            MemorySegment place = arena.allocate(ADDRESS_BYTES_6, 4);
            MemorySegment length = arena.allocateFrom(JAVA_INT, ADDRESS_BYTES_6);
            check("getsockname", (int) Calls.GETSOCKNAME.invokeExact(slot, socket, place, length), slot);
            return Short.toUnsignedInt(place.get(PORT, 2));
        } catch (Errno e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    /// Another descriptor of the same socket; closed on exec.
    public static int duplicate(int socket) throws Errno {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            int copy = (int) Calls.FCNTL.invokeExact(slot, socket, F_DUPFD_CLOEXEC, 0);
            check("fcntl", copy, slot);
            return copy;
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
}
