package io.pm2j.daemon.service;

import io.pm2j.config.Address;
import io.pm2j.daemon.service.ServiceManager.Handed;
import io.pm2j.proxy.listen.InheritedSockets;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import io.pm2j.proxy.listen.SocketKeeper;
import io.pm2j.supervisor.app.DescriptorKeeper;
import io.pm2j.supervisor.process.Posix;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the service manager keeps for the next daemon, each thing by a name that says what it is:
/// `listen 0.0.0.0%3A80`, `receive ...` for datagrams, `app ...` for what the supervisor has. Thread-safe.
public final class KeptDescriptors implements SocketKeeper, DescriptorKeeper {
    private static final String LISTEN = "listen ";
    private static final String RECEIVE = "receive ";
    private static final String APP = "app ";

    private final ServiceManager manager;

    public KeptDescriptors(ServiceManager manager) {
        this.manager = manager;
    }

    /// What was kept for this daemon.
    ///
    /// @param workers what the supervisor had kept, by its names
    public record Left(InheritedSockets sockets, Map<String, Integer> workers) {
        public Left {
            workers = Map.copyOf(workers);
        }

        /// Nothing.
        public static Left none() {
            return new Left(InheritedSockets.none(), Map.of());
        }

        /// Whether there is something.
        public boolean any() {
            return sockets.any() || !workers.isEmpty();
        }
    }

    /// Sorts what was handed over; what nobody knows is closed and kept no more.
    public Left sort(List<Handed> handed) {
        Map<Address, List<Integer>> listening = new LinkedHashMap<>();
        Map<Address, List<Integer>> receiving = new LinkedHashMap<>();
        Map<String, Integer> workers = new HashMap<>();
        for (Handed one : handed) {
            Optional<Address> listens = named(one.name(), LISTEN).flatMap(KeptDescriptors::address);
            Optional<Address> receives = named(one.name(), RECEIVE).flatMap(KeptDescriptors::address);
            Optional<String> worker = named(one.name(), APP).filter(name -> !workers.containsKey(name));
            if (listens.isPresent()) {
                listening.computeIfAbsent(listens.get(), _ -> new ArrayList<>()).add(one.fd());
            } else if (receives.isPresent()) {
                receiving
                        .computeIfAbsent(receives.get(), _ -> new ArrayList<>())
                        .add(one.fd());
            } else if (worker.isPresent()) {
                workers.put(worker.get(), one.fd());
            } else {
                refuse(List.of(one));
            }
        }
        return new Left(new InheritedSockets(opened(listening), opened(receiving)), workers);
    }

    /// Closes what cannot be taken up.
    public void refuse(List<Handed> handed) {
        for (Handed one : handed) {
            Posix.close(one.fd());
            manager.drop(one.name());
        }
    }

    private static List<Opened> opened(Map<Address, List<Integer>> sockets) {
        return sockets.entrySet().stream()
                .map(entry -> new Opened(entry.getKey(), entry.getValue(), ""))
                .toList();
    }

    @Override
    public void keep(Kind kind, Opened opened) {
        manager.keep(name(kind, opened.address()), opened.sockets());
    }

    @Override
    public void release(Kind kind, Address address) {
        manager.drop(name(kind, address));
        manager.await();
    }

    @Override
    public void keep(String name, int fd) {
        manager.keep(APP + encoded(name), List.of(fd));
    }

    @Override
    public void release(String name) {
        manager.drop(APP + encoded(name));
    }

    @Override
    public void settle() {
        manager.await();
    }

    static String name(Kind kind, Address address) {
        return switch (kind) {
                    case CONNECTIONS -> LISTEN;
                    case DATAGRAMS -> RECEIVE;
                }
                + encoded(address.toString());
    }

    private static Optional<String> named(String name, String kind) {
        return name.startsWith(kind) ? decoded(name.substring(kind.length())) : Optional.empty();
    }

    /// As [Address#toString] writes it.
    private static Optional<Address> address(String text) {
        if (text.startsWith("unix:") && text.length() > 5) {
            return Optional.of(new Address.Unix(text.substring(5)));
        }
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("\\d{1,5}")) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        int port = Integer.parseInt(text.substring(colon + 1));
        return bare.isEmpty() || port > 65_535 ? Optional.empty() : Optional.of(new Address.Tcp(bare, port));
    }

    /// A name is of printable ASCII without colons.
    private static String encoded(String text) {
        StringBuilder name = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 127 && b != ':' && b != '%') {
                name.append((char) b);
            } else {
                name.append(String.format("%%%02X", b));
            }
        }
        return name.toString();
    }

    private static Optional<String> decoded(String name) {
        byte[] bytes = new byte[name.length()];
        int length = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '%') {
                bytes[length++] = (byte) c;
            } else if (i + 2 < name.length() && name.substring(i + 1, i + 3).matches("[0-9A-F]{2}")) {
                bytes[length++] = (byte) Integer.parseInt(name.substring(i + 1, i + 3), 16);
                i += 2;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }
}
