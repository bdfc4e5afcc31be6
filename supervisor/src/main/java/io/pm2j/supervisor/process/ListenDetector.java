package io.pm2j.supervisor.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.pm2j.config.Address;
import io.pm2j.supervisor.process.Posix.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which addresses a process and its descendants listen on, or receive datagrams at: the kernel's
/// sock_diag dump of such sockets, joined with the descriptors in /proc. The dump holds listeners only, so a
/// busy host costs no more.
public final class ListenDetector {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final int NETLINK_SOCK_DIAG = 4;
    private static final short SOCK_DIAG_BY_FAMILY = 20;
    private static final short NLM_F_REQUEST_DUMP = 0x301;
    private static final short NLMSG_ERROR = 2;
    private static final short NLMSG_DONE = 3;
    private static final byte IPPROTO_TCP = 6;
    private static final byte IPPROTO_UDP = 17;
    private static final int LISTEN_STATE_BIT = 1 << 10;
    /// A datagram socket that is bound, and connected to nobody, is in TCP's state "close".
    private static final int BOUND_STATE_BIT = 1 << 7;
    private static final int REQUEST_BYTES = 72;
    private static final int HEADER_BYTES = 16;
    /// Inside `struct inet_diag_msg`: the local port and address, and the inode.
    private static final int PORT_OFFSET = 4;

    private static final int ADDRESS_OFFSET = 8;
    private static final int INODE_OFFSET = 68;

    private static final MethodHandle SOCKET =
            Posix.link("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), Posix.CAPTURE);
    private static final MethodHandle SEND =
            Posix.link("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), Posix.CAPTURE);

    private ListenDetector() {}

    /// A listening socket: who holds it is found by its inode.
    private record Listening(Address.Tcp address, long inode) {}

    /// The addresses that `pid` or a descendant of it listens on, wildcard addresses as their
    /// loopback ones.
    public static List<Address.Tcp> listensOf(int pid) throws IOException {
        return listensOf(pid, "");
    }

    /// As [#listensOf(int)], with what left the worker's tree but carries its `token`.
    public static List<Address.Tcp> listensOf(int pid, String token) throws IOException {
        return heldBy(pid, token, sockets(IPPROTO_TCP, LISTEN_STATE_BIT));
    }

    /// The addresses at which the same processes receive datagrams of anybody.
    public static List<Address.Tcp> receivesOf(int pid, String token) throws IOException {
        return heldBy(pid, token, sockets(IPPROTO_UDP, BOUND_STATE_BIT));
    }

    private static List<Address.Tcp> heldBy(int pid, String token, List<Listening> sockets) throws IOException {
        Map<Long, Address.Tcp> byInode = new HashMap<>();
        for (Listening listening : sockets) {
            byInode.put(listening.inode, listening.address);
        }
        List<Address.Tcp> found = new ArrayList<>();
        for (int member : ProcessTree.of(pid, token)) {
            for (long inode : socketInodes(member)) {
                Address.Tcp address = byInode.get(inode);
                if (address != null && !found.contains(address)) {
                    found.add(address);
                }
            }
        }
        return found;
    }

    /// The process that listens on `port`, or 0 when none is found (or it belongs to another
    /// user).
    public static int holderOf(int port) throws IOException {
        List<Long> inodes = sockets(IPPROTO_TCP, LISTEN_STATE_BIT).stream()
                .filter(l -> l.address.port() == port)
                .map(Listening::inode)
                .toList();
        if (inodes.isEmpty()) {
            return 0;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (Path entry : entries) {
                int pid = Integer.parseInt(entry.getFileName().toString());
                if (socketInodes(pid).stream().anyMatch(inodes::contains)) {
                    return pid;
                }
            }
        }
        return 0;
    }

    private static List<Long> socketInodes(int pid) {
        List<Long> inodes = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc", String.valueOf(pid), "fd"))) {
            for (Path entry : entries) {
                String target = target(entry);
                if (target.startsWith("socket:[")) {
                    inodes.add(Long.parseLong(target.substring(8, target.length() - 1)));
                }
            }
        } catch (IOException e) {
            return inodes; // it ended, or is not ours to look into
        }
        return inodes;
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    private static List<Listening> sockets(byte protocol, int states) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = Posix.errnoSlot(arena);
            int socket = (int) SOCKET.invokeExact(slot, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
            if (socket < 0) {
                throw new Errno("netlink socket", Posix.errno(slot));
            }
            try {
                List<Listening> found = new ArrayList<>();
                dump(arena, slot, socket, new Asked(AF_INET, protocol, states), found);
                dump(arena, slot, socket, new Asked(AF_INET6, protocol, states), found);
                return found;
            } finally {
                Posix.close(socket);
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    /// Which sockets a dump is to hold.
    private record Asked(int family, byte protocol, int states) {}

    private static void dump(Arena arena, MemorySegment slot, int socket, Asked asked, List<Listening> found)
            throws Throwable {
        MemorySegment request = arena.allocate(REQUEST_BYTES, 8);
        request.set(JAVA_INT, 0, REQUEST_BYTES);
        request.set(JAVA_SHORT, 4, SOCK_DIAG_BY_FAMILY);
        request.set(JAVA_SHORT, 6, NLM_F_REQUEST_DUMP);
        request.set(JAVA_BYTE, HEADER_BYTES, (byte) asked.family);
        request.set(JAVA_BYTE, HEADER_BYTES + 1, asked.protocol);
        request.set(JAVA_INT, HEADER_BYTES + 4, asked.states);
        long sent = (long) SEND.invokeExact(slot, socket, request, (long) REQUEST_BYTES, 0);
        if (sent < 0) {
            throw new Errno("sock_diag", Posix.errno(slot));
        }
        MemorySegment answer = arena.allocate(65_536, 8);
        while (true) {
            int count = Posix.read(socket, answer, slot);
            if (count <= 0) {
                return;
            }
            if (!take(answer, count, found)) {
                return;
            }
        }
    }

    /// Takes the messages of one read; false after the last one.
    private static boolean take(MemorySegment answer, int count, List<Listening> found) throws IOException {
        int at = 0;
        while (at + HEADER_BYTES <= count) {
            int length = answer.get(JAVA_INT_UNALIGNED, at);
            short type = answer.get(JAVA_SHORT_UNALIGNED, at + 4);
            if (type == NLMSG_DONE) {
                return false;
            }
            if (type == NLMSG_ERROR) {
                throw new Errno("sock_diag", -answer.get(JAVA_INT_UNALIGNED, at + HEADER_BYTES));
            }
            int body = at + HEADER_BYTES;
            int port = Short.toUnsignedInt(Short.reverseBytes(answer.get(JAVA_SHORT_UNALIGNED, body + PORT_OFFSET)));
            long inode = Integer.toUnsignedLong(answer.get(JAVA_INT_UNALIGNED, body + INODE_OFFSET));
            found.add(new Listening(new Address.Tcp(host(answer, body), port), inode));
            at += (length + 3) & ~3;
        }
        return true;
    }

    private static String host(MemorySegment answer, int body) throws IOException {
        boolean v6 = answer.get(JAVA_BYTE, body) == AF_INET6;
        byte[] bytes = answer.asSlice(body + ADDRESS_OFFSET, v6 ? 16 : 4).toArray(JAVA_BYTE);
        InetAddress address = InetAddress.getByAddress(bytes);
        if (address.isAnyLocalAddress()) {
            return "127.0.0.1"; // a dual-stack wildcard answers there too
        }
        return address.getHostAddress();
    }
}
