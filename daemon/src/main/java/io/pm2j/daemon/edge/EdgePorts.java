package io.pm2j.daemon.edge;

import io.pm2j.config.Address;
import io.pm2j.daemon.edge.EdgePlan.Place;
import io.pm2j.supervisor.durable.StateFile;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ports that listeners with port 0 got, so that they have the same after an update, and after a kill while
/// nobody else has it. Confined to the desk of the edge.
final class EdgePorts {
    private static final Logger LOG = LoggerFactory.getLogger(EdgePorts.class);

    private final StateFile file;
    private final Map<String, Integer> ports = new LinkedHashMap<>();

    EdgePorts(StateFile file) {
        this.file = file;
        StateFile.Read<Map<String, Integer>> read = file.read(EdgePorts::parse);
        if (!read.problem().isEmpty()) {
            LOG.warn("{}", read.problem());
        }
        read.value().ifPresent(ports::putAll);
    }

    /// Where the listener of `place` is to be opened first: where it was, or where its file says.
    Address first(Place place) {
        Integer port = ports.get(key(place));
        return place.address() instanceof Address.Tcp(String host, int asked) && asked == 0 && port != null
                ? new Address.Tcp(host, port)
                : place.address();
    }

    /// Some are open now, others were closed. Of those that are neither nothing is forgotten: files are taken up one
    /// after the other.
    void become(Map<Place, Address> open, Set<Place> closed) {
        Map<String, Integer> next = new LinkedHashMap<>(ports);
        closed.forEach(place -> next.remove(key(place)));
        open.forEach((place, at) -> {
            if (place.address() instanceof Address.Tcp(String _, int asked)
                    && asked == 0
                    && at instanceof Address.Tcp(String _, int port)) {
                next.put(key(place), port);
            }
        });
        if (next.equals(ports)) {
            return;
        }
        ports.clear();
        ports.putAll(next);
        try {
            file.write(new JsonObject(new LinkedHashMap<>(ports)).encode());
        } catch (IOException e) {
            LOG.atError().setCause(e).log("cannot write the ports of the edge");
        }
    }

    private static String key(Place place) {
        return (place.datagrams() ? "udp " : "tcp ") + place.address();
    }

    private static Map<String, Integer> parse(String text) throws IOException {
        try {
            JsonObject json = new JsonObject(text);
            Map<String, Integer> ports = new LinkedHashMap<>();
            json.fieldNames().forEach(place -> ports.put(place, json.getInteger(place)));
            return ports;
        } catch (DecodeException | ClassCastException e) {
            throw new IOException("not the ports of the edge: " + e.getMessage(), e);
        }
    }
}
