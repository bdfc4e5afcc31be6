package io.pm2j.supervisor.durable;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.config.Address;
import io.pm2j.supervisor.app.AppHandover.Granted;
import io.pm2j.supervisor.app.AppHandover.Listening;
import io.pm2j.supervisor.app.AppHandover.Receiving;
import io.pm2j.supervisor.app.AppRecord.Connected;
import io.pm2j.supervisor.app.AppRecord.Sockets;
import io.pm2j.supervisor.json.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What programs have open, as JSON text: beside [RecordCodec].
final class SocketsCodec {
    private static final int NO_NUMBER = -1;

    private SocketsCodec() {}

    static void write(JsonGenerator json, Sockets sockets) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("listens");
        for (Listening one : sockets.listens()) {
            json.writeStartObject();
            write(json, "asked", one.asked());
            json.writeNumberField("index", one.index());
            write(json, "open", one.open());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("receives");
        for (Receiving one : sockets.receives()) {
            json.writeStartObject();
            json.writeStringField("type", one.type());
            json.writeStringField("host", one.host());
            json.writeNumberField("port", one.port());
            json.writeNumberField("index", one.index());
            json.writeNumberField("actualPort", one.actualPort());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static Sockets sockets(JsonTree tree) throws IOException {
        List<Listening> listens = new ArrayList<>();
        for (JsonTree one : tree.objects("listens")) {
            listens.add(new Listening(
                    address(one.tree("asked")), one.whole("index"), address(one.tree("open")), Optional.empty()));
        }
        List<Receiving> receives = new ArrayList<>();
        for (JsonTree one : tree.objects("receives")) {
            receives.add(new Receiving(
                    one.text("type"),
                    one.text("host"),
                    one.whole("port"),
                    one.whole("index"),
                    NO_NUMBER,
                    one.whole("actualPort")));
        }
        return new Sockets(listens, receives);
    }

    static void write(JsonGenerator json, Connected how) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", how.id());
        json.writeBooleanField("up", how.up());
        json.writeBooleanField("serves", how.serves());
        json.writeBooleanField("withdrawn", how.withdrawn());
        json.writeArrayFieldStart("grants");
        for (Granted one : how.grants()) {
            json.writeStartObject();
            json.writeStringField("key", one.key());
            write(json, "listener", one.listener());
            json.writeBooleanField("listening", one.listening());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("bindings");
        for (Map.Entry<String, Boolean> one : new TreeMap<>(how.bindings()).entrySet()) {
            json.writeStartObject();
            json.writeStringField("place", one.getKey());
            json.writeBooleanField("receives", one.getValue());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static Connected connected(JsonTree tree) throws IOException {
        List<Granted> grants = new ArrayList<>();
        for (JsonTree one : tree.objects("grants")) {
            grants.add(new Granted(
                    one.text("key"), address(one.tree("listener")), one.flag("listening"), Optional.empty()));
        }
        Map<String, Boolean> bindings = new HashMap<>();
        for (JsonTree one : tree.objects("bindings")) {
            bindings.put(one.text("place"), one.flag("receives"));
        }
        return new Connected(
                tree.big("id"), tree.flag("up"), tree.flag("serves"), tree.flag("withdrawn"), grants, bindings);
    }

    private static void write(JsonGenerator json, String name, Address address) throws IOException {
        json.writeObjectFieldStart(name);
        switch (address) {
            case Address.Tcp(String host, int port) -> {
                json.writeStringField("host", host);
                json.writeNumberField("port", port);
            }
            case Address.Unix(String path) -> json.writeStringField("path", path);
        }
        json.writeEndObject();
    }

    private static Address address(JsonTree tree) throws IOException {
        return tree.has("path")
                ? new Address.Unix(tree.text("path"))
                : new Address.Tcp(tree.text("host"), tree.whole("port"));
    }
}
