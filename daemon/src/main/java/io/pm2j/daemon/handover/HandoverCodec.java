package io.pm2j.daemon.handover;

import io.pm2j.config.Address;
import io.pm2j.proxy.HandedEdge;
import io.pm2j.proxy.forward.Resting;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import io.pm2j.supervisor.app.AppHandover;
import io.pm2j.supervisor.log.LogPump;
import io.pm2j.supervisor.log.LogRecord;
import io.pm2j.supervisor.node.NodeChannel;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/// A [Handover] as JSON, and back.
final class HandoverCodec {
    private HandoverCodec() {}

    static String write(Handover handover) {
        return new JsonObject()
                .put("form", Handover.FORM)
                .put("incarnation", handover.incarnation())
                .put("former", new JsonArray(handover.former()))
                .put("failed", handover.failed())
                .put("since", handover.sinceMillis())
                .put("adminPort", handover.adminPort())
                .put("lock", handover.lock())
                .put("apps", array(handover.apps(), HandoverCodec::app))
                .put("doors", array(handover.edge().doors(), HandoverCodec::door))
                .put("stranded", array(handover.edge().stranded(), HandoverCodec::client))
                .put("datagrams", array(handover.edge().datagrams(), HandoverCodec::opened))
                .encode();
    }

    static Handover read(String text) throws IOException {
        try {
            JsonObject json = new JsonObject(text);
            int form = json.getInteger("form");
            if (form != Handover.FORM) {
                throw new IOException("a hand-over of form " + form + " (expected: " + Handover.FORM + ")");
            }
            return new Handover(
                    json.getInteger("incarnation"),
                    texts(json.getJsonArray("former")),
                    json.getString("failed"),
                    json.getLong("since"),
                    json.getInteger("adminPort"),
                    json.getInteger("lock"),
                    list(json.getJsonArray("apps"), HandoverCodec::app),
                    new HandedEdge(
                            list(json.getJsonArray("doors"), HandoverCodec::door),
                            list(json.getJsonArray("stranded", new JsonArray()), HandoverCodec::client),
                            list(json.getJsonArray("datagrams"), HandoverCodec::opened)));
        } catch (DecodeException | ClassCastException | NullPointerException | IllegalArgumentException e) {
            throw new IOException("not a hand-over: " + e.getMessage(), e);
        }
    }

    // ---- apps ------------------------------------------------------------------------------------

    private static JsonObject app(AppHandover app) {
        return new JsonObject()
                .put("app", app.app())
                .put("listens", array(app.listens(), HandoverCodec::listening))
                .put("receives", array(app.receives(), HandoverCodec::receiving))
                .put("workers", array(app.workers(), HandoverCodec::worker));
    }

    private static AppHandover app(JsonObject json) {
        return new AppHandover(
                json.getString("app"),
                list(json.getJsonArray("listens"), HandoverCodec::listening),
                list(json.getJsonArray("receives"), HandoverCodec::receiving),
                list(json.getJsonArray("workers"), HandoverCodec::worker));
    }

    private static JsonObject listening(AppHandover.Listening one) {
        return new JsonObject()
                .put("asked", address(one.asked()))
                .put("index", one.index())
                .put("open", address(one.open()))
                .put("shared", one.shared().orElse(null));
    }

    private static AppHandover.Listening listening(JsonObject json) {
        return new AppHandover.Listening(
                address(json.getJsonObject("asked")),
                json.getInteger("index"),
                address(json.getJsonObject("open")),
                Optional.ofNullable(json.getString("shared")));
    }

    private static JsonObject receiving(AppHandover.Receiving one) {
        return new JsonObject()
                .put("type", one.type())
                .put("host", one.host())
                .put("port", one.port())
                .put("index", one.index())
                .put("socket", one.socket())
                .put("actualPort", one.actualPort());
    }

    private static AppHandover.Receiving receiving(JsonObject json) {
        return new AppHandover.Receiving(
                json.getString("type"),
                json.getString("host"),
                json.getInteger("port"),
                json.getInteger("index"),
                json.getInteger("socket"),
                json.getInteger("actualPort"));
    }

    private static JsonObject worker(AppHandover.Working worker) {
        JsonObject json = new JsonObject()
                .put("token", worker.token())
                .put("id", worker.id())
                .put("up", worker.up())
                .put("withdrawn", worker.withdrawn())
                .put("status", worker.status())
                .put("pipes", array(worker.pipes(), HandoverCodec::pipe))
                .put("grants", array(worker.grants(), HandoverCodec::grant))
                .put("bindings", new JsonObject(new HashMap<>(worker.bindings())))
                .put("warm", worker.watched().warm())
                .put("clock", worker.watched().clock());
        worker.watched().every().ifPresent(every -> json.put("every", every.toNanos()));
        worker.watched().socket().ifPresent(fd -> json.put("notify", fd));
        worker.channel().ifPresent(left -> json.put("channel", channel(left)));
        return json;
    }

    private static JsonObject channel(NodeChannel.Left left) {
        return new JsonObject()
                .put("fd", left.fd())
                .put("begun", left.begun())
                .put(
                        "unsent",
                        array(
                                left.unsent(),
                                one -> new JsonObject()
                                        .put("bytes", one.bytes())
                                        .put("fd", one.passedFd())));
    }

    private static NodeChannel.Left channel(JsonObject json) {
        return new NodeChannel.Left(
                json.getInteger("fd"),
                json.getBinary("begun"),
                list(
                        json.getJsonArray("unsent"),
                        one -> new NodeChannel.Unsent(one.getBinary("bytes"), one.getInteger("fd"))));
    }

    private static AppHandover.Working worker(JsonObject json) {
        Map<String, Boolean> bindings = new HashMap<>();
        JsonObject bound = json.getJsonObject("bindings");
        bound.fieldNames().forEach(place -> bindings.put(place, bound.getBoolean(place)));
        return new AppHandover.Working(
                json.getString("token"),
                json.getLong("id"),
                json.getBoolean("up"),
                json.getBoolean("withdrawn"),
                json.getString("status"),
                Optional.ofNullable(json.getJsonObject("channel")).map(HandoverCodec::channel),
                list(json.getJsonArray("pipes"), HandoverCodec::pipe),
                list(json.getJsonArray("grants"), HandoverCodec::grant),
                bindings,
                watched(json));
    }

    /// A program of before may not tell it.
    private static AppHandover.Watched watched(JsonObject json) {
        Integer notify = json.getInteger("notify");
        return new AppHandover.Watched(
                json.getBoolean("warm", true),
                json.getBoolean("clock", false),
                Optional.ofNullable(json.getLong("every")).map(Duration::ofNanos),
                notify == null ? OptionalInt.empty() : OptionalInt.of(notify));
    }

    private static JsonObject pipe(LogPump.Left pipe) {
        return new JsonObject()
                .put("fd", pipe.pipe())
                .put("stream", pipe.stream().name())
                .put("rest", pipe.rest());
    }

    private static LogPump.Left pipe(JsonObject json) {
        return new LogPump.Left(
                json.getInteger("fd"), LogRecord.Stream.valueOf(json.getString("stream")), json.getBinary("rest"));
    }

    private static JsonObject grant(AppHandover.Granted grant) {
        return new JsonObject()
                .put("key", grant.key())
                .put("listener", address(grant.listener()))
                .put("listening", grant.listening())
                .put("at", grant.at().map(HandoverCodec::address).orElse(null));
    }

    private static AppHandover.Granted grant(JsonObject json) {
        return new AppHandover.Granted(
                json.getString("key"),
                address(json.getJsonObject("listener")),
                json.getBoolean("listening"),
                Optional.ofNullable(json.getJsonObject("at")).map(HandoverCodec::address));
    }

    // ---- the edge --------------------------------------------------------------------------------

    private static JsonObject door(HandedEdge.Door door) {
        return opened(door.opened()).put("clients", array(door.clients(), HandoverCodec::client));
    }

    private static HandedEdge.Door door(JsonObject json) {
        return new HandedEdge.Door(opened(json), list(json.getJsonArray("clients"), HandoverCodec::client));
    }

    private static JsonObject opened(Opened opened) {
        return new JsonObject()
                .put("address", address(opened.address()))
                .put("sockets", new JsonArray(opened.sockets()))
                .put("known", opened.known());
    }

    private static Opened opened(JsonObject json) {
        List<Integer> sockets = new ArrayList<>();
        json.getJsonArray("sockets").forEach(socket -> sockets.add((Integer) socket));
        return new Opened(address(json.getJsonObject("address")), sockets, json.getString("known"));
    }

    private static JsonObject client(Resting client) {
        JsonObject json = new JsonObject()
                .put("loop", client.loop())
                .put("fd", client.fd())
                .put("unix", client.unix())
                .put("at", client.at().name())
                .put("held", client.held());
        client.told()
                .ifPresent(told ->
                        json.put("source", socket(told.source())).put("destination", socket(told.destination())));
        client.through().ifPresent(through -> json.put("through", through(through)));
        return json;
    }

    private static Resting client(JsonObject json) {
        return new Resting(
                json.getInteger("loop"),
                json.getInteger("fd"),
                json.getBoolean("unix"),
                Resting.At.valueOf(json.getString("at")),
                json.getBinary("held"),
                Optional.ofNullable(json.getJsonObject("source"))
                        .map(source -> new Resting.Told(socket(source), socket(json.getJsonObject("destination")))),
                Optional.ofNullable(json.getJsonObject("through")).map(HandoverCodec::through));
    }

    private static JsonObject through(Resting.Through through) {
        return new JsonObject()
                .put("fd", through.fd())
                .put("unix", through.unix())
                .put("upstream", through.upstream())
                .put("endpoint", through.endpoint())
                .put("idle", through.idleMs())
                .put("toClient", through.toClient().orElse(null))
                .put("toWorker", through.toWorker().orElse(null));
    }

    private static Resting.Through through(JsonObject json) {
        return new Resting.Through(
                json.getInteger("fd"),
                json.getBoolean("unix"),
                json.getString("upstream"),
                json.getLong("endpoint"),
                json.getLong("idle"),
                Optional.ofNullable(json.getString("toClient")),
                Optional.ofNullable(json.getString("toWorker")));
    }

    // ---- the small parts -------------------------------------------------------------------------

    private static JsonObject address(Address address) {
        return switch (address) {
            case Address.Tcp(String host, int port) ->
                new JsonObject().put("host", host).put("port", port);
            case Address.Unix(String path) -> new JsonObject().put("path", path);
        };
    }

    private static Address address(JsonObject json) {
        String path = json.getString("path");
        return path == null ? new Address.Tcp(json.getString("host"), json.getInteger("port")) : new Address.Unix(path);
    }

    private static JsonObject socket(InetSocketAddress address) {
        return new JsonObject().put("ip", address.getAddress().getAddress()).put("port", address.getPort());
    }

    private static InetSocketAddress socket(JsonObject json) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(json.getBinary("ip")), json.getInteger("port"));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of four or sixteen bytes is expected", e);
        }
    }

    private static <T> JsonArray array(Collection<T> all, Function<T, JsonObject> one) {
        JsonArray array = new JsonArray();
        all.forEach(element -> array.add(one.apply(element)));
        return array;
    }

    private static <T> List<T> list(JsonArray array, Function<JsonObject, T> one) {
        List<T> all = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            all.add(one.apply(array.getJsonObject(i)));
        }
        return all;
    }

    private static List<String> texts(JsonArray array) {
        return array.stream().map(String.class::cast).toList();
    }
}
