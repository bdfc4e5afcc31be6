package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.process.InetDatagrams;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.Posix.Errno;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The UDP sockets of an app's cluster workers, which share them as they do under Node's own
/// primary. Confined to
/// the app's owner.
///
/// A socket is bound when the first worker asks and stays open here until none wants it any
/// more: what
/// comes while a worker is replaced waits in the kernel for the next one.
final class AppDatagrams {
    private static final int EINVAL = 22;
    /// The flags of libuv's `uv_udp_bind`.
    private static final int ONLY_IPV6 = 1;

    private static final int REUSE_ADDRESS = 4;
    private static final int REUSE_PORT = 8;

    /// In records, where a socket has no number.
    private static final int NO_NUMBER = -1;

    private record Bound(int socket, int port) {}

    private final AppName app;
    private final DescriptorKeeper keeper;

    private final Map<DatagramPlace, Bound> open = new HashMap<>();

    AppDatagrams(AppName app, DescriptorKeeper keeper) {
        this.app = app;
        this.keeper = keeper;
    }

    /// By what name somebody keeps the socket at the place of that key.
    static String name(AppName app, String key) {
        return "udp " + app + " " + key;
    }

    /// The place could not be had.
    static final class Unbound extends Exception {
        private static final long serialVersionUID = 1L;
        private final int errno;

        private Unbound(String sentence, int errno) {
            super(sentence);
            this.errno = errno;
        }

        /// What the program's own bind would have got.
        int errno() {
            return errno;
        }

        String sentence() {
            return String.valueOf(getMessage());
        }
    }

    /// A descriptor, the caller's, of the socket at `place`, which is bound now or was before;
    /// `flags` are libuv's.
    int share(DatagramPlace place, int flags) throws Unbound {
        try {
            Bound bound = open.get(place);
            if (bound == null) {
                bound = bind(place, flags);
                open.put(place, bound);
                keeper.keep(name(app, place.key()), bound.socket);
            }
            return InetDatagrams.duplicate(bound.socket);
        } catch (Errno e) {
            throw new Unbound(sentence(place, e.number()), e.number());
        } catch (UnknownHostException e) {
            throw new Unbound(place.name(place.port()) + " cannot be bound: not an address", EINVAL);
        }
    }

    /// What is open, to be handed on.
    List<AppHandover.Receiving> handover() {
        return open.entrySet().stream()
                .map(e -> new AppHandover.Receiving(
                        e.getKey().type(),
                        e.getKey().host(),
                        e.getKey().port(),
                        e.getKey().index(),
                        e.getValue().socket,
                        e.getValue().port))
                .toList();
    }

    /// As [#handover], for the journal.
    List<AppHandover.Receiving> kept() {
        return handover().stream()
                .map(one -> one.as(NO_NUMBER))
                .sorted(Comparator.comparing(AppHandover.Receiving::toString))
                .toList();
    }

    /// Has a socket that was open before it was handed on.
    DatagramPlace goOn(AppHandover.Receiving before) {
        DatagramPlace place = new DatagramPlace(before.type(), before.host(), before.port(), before.index());
        open.put(place, new Bound(before.socket(), before.actualPort()));
        keeper.keep(name(app, place.key()), before.socket());
        return place;
    }

    private static Bound bind(DatagramPlace place, int flags) throws Errno, UnknownHostException {
        // Node asks with an address: it has looked up the name itself.
        InetAddress address = InetAddress.ofLiteral(place.host());
        if (place.port() < 0 || place.port() > 65_535 || !place.six() && address.getAddress().length != 4) {
            throw new UnknownHostException(place.host());
        }
        InetDatagrams.Options options = new InetDatagrams.Options(
                (flags & ONLY_IPV6) != 0, (flags & REUSE_ADDRESS) != 0, (flags & REUSE_PORT) != 0);
        int socket = InetDatagrams.bind(place.six(), address, place.port(), options);
        return new Bound(socket, InetDatagrams.port(socket));
    }

    private static String sentence(DatagramPlace place, int errno) {
        String name = place.name(place.port());
        return switch (errno) {
            case Posix.EADDRINUSE -> name + " is in use by another process";
            case 13 -> name + " may not be opened by this user (ports below 1024 need root or CAP_NET_BIND_SERVICE)";
            case 99 -> name + " is not an address of this host";
            default -> name + " cannot be opened (errno " + errno + ")";
        };
    }

    /// Closes every socket but those at `used`.
    void keepOnly(Set<DatagramPlace> used) {
        open.entrySet().removeIf(entry -> {
            boolean unused = !used.contains(entry.getKey());
            if (unused) {
                keeper.release(name(app, entry.getKey().key()));
                keeper.settle();
                Posix.close(entry.getValue().socket);
            }
            return unused;
        });
    }

    /// What is open, for people.
    List<String> names() {
        return open.entrySet().stream()
                .map(entry -> entry.getKey().name(entry.getValue().port))
                .toList();
    }
}
