package io.pm2j.supervisor.durable;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.supervisor.app.AppRecord;
import io.pm2j.supervisor.app.AppRecord.Generation;
import io.pm2j.supervisor.app.AppRecord.InstanceRecord;
import io.pm2j.supervisor.app.AppRecord.WorkerRecord;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import io.pm2j.supervisor.json.SpecCodec;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.lifecycle.Wanted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What is remembered of an app, as JSON text.
final class RecordCodec {
    private RecordCodec() {}

    static String write(AppRecord app) throws IOException {
        return JsonText.line(json -> fields(json, app));
    }

    /// The fields of an object that has begun.
    static void fields(JsonGenerator json, AppRecord app) throws IOException {
        json.writeFieldName("spec");
        SpecCodec.write(json, app.spec());
        json.writeNumberField("generation", app.generation());
        json.writeNumberField("newest", app.newest());
        json.writeBooleanField("paused", app.paused());
        json.writeArrayFieldStart("past");
        for (Generation generation : app.past()) {
            json.writeStartObject();
            json.writeNumberField("number", generation.number());
            json.writeNumberField("since", generation.sinceMillis());
            json.writeStringField("folder", generation.folder().toString());
            json.writeFieldName("spec");
            SpecCodec.write(json, generation.spec());
            json.writeEndObject();
        }
        json.writeEndArray();
        if (!app.sockets().equals(AppRecord.Sockets.NONE)) {
            json.writeFieldName("sockets");
            SocketsCodec.write(json, app.sockets());
        }
        json.writeArrayFieldStart("instances");
        for (InstanceRecord instance : app.instances()) {
            write(json, instance);
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, InstanceRecord instance) throws IOException {
        json.writeStartObject();
        json.writeNumberField("pmId", instance.pmId());
        json.writeNumberField("number", instance.number());
        json.writeStringField("wanted", instance.wanted().name());
        json.writeStringField("phase", instance.phase().name());
        json.writeNumberField("restarts", instance.restarts());
        json.writeArrayFieldStart("unstableAt");
        for (long at : instance.unstableAtMillis()) {
            json.writeNumber(at);
        }
        json.writeEndArray();
        json.writeNumberField("createdAt", instance.createdAtMillis());
        json.writeStringField("nextToken", instance.nextToken());
        json.writeArrayFieldStart("workers");
        for (WorkerRecord worker : instance.workers()) {
            json.writeStartObject();
            json.writeStringField("identity", worker.identity());
            json.writeStringField("token", worker.token());
            json.writeNumberField("generation", worker.generation());
            if (worker.privatePort().isPresent()) {
                json.writeNumberField("privatePort", worker.privatePort().getAsInt());
            }
            json.writeNumberField("startedAt", worker.startedAtMillis());
            json.writeBooleanField("ready", worker.ready());
            json.writeBooleanField("current", worker.current());
            if (worker.connected().isPresent()) {
                json.writeFieldName("connected");
                SocketsCodec.write(json, worker.connected().get());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static AppRecord read(String text) throws IOException {
        return read(JsonTree.parse(text));
    }

    static AppRecord read(JsonTree tree) throws IOException {
        List<InstanceRecord> instances = new ArrayList<>();
        for (JsonTree instance : tree.objects("instances")) {
            instances.add(instance(instance));
        }
        List<Generation> past = new ArrayList<>();
        for (JsonTree generation : tree.has("past") ? tree.objects("past") : List.<JsonTree>of()) {
            past.add(new Generation(
                    generation.whole("number"),
                    generation.big("since"),
                    SpecCodec.read(generation.tree("spec")),
                    Path.of(generation.text("folder"))));
        }
        return new AppRecord(
                SpecCodec.read(tree.tree("spec")),
                tree.whole("generation"),
                tree.whole(tree.has("newest") ? "newest" : "generation"),
                instances,
                tree.has("paused") && tree.flag("paused"),
                past,
                tree.has("sockets") ? SocketsCodec.sockets(tree.tree("sockets")) : AppRecord.Sockets.NONE);
    }

    private static InstanceRecord instance(JsonTree tree) throws IOException {
        List<WorkerRecord> workers = new ArrayList<>();
        for (JsonTree worker : tree.objects("workers")) {
            workers.add(new WorkerRecord(
                    worker.text("identity"),
                    worker.text("token"),
                    worker.whole("generation"),
                    worker.has("privatePort") ? OptionalInt.of(worker.whole("privatePort")) : OptionalInt.empty(),
                    worker.big("startedAt"),
                    worker.flag("ready"),
                    worker.flag("current"),
                    worker.has("connected")
                            ? Optional.of(SocketsCodec.connected(worker.tree("connected")))
                            : Optional.empty()));
        }
        return new InstanceRecord(
                tree.whole("pmId"),
                tree.whole("number"),
                JsonText.constant(Wanted.class, tree.text("wanted")),
                JsonText.constant(Phase.class, tree.text("phase")),
                tree.whole("restarts"),
                tree.texts("unstableAt").stream().map(Long::valueOf).toList(),
                tree.big("createdAt"),
                tree.text("nextToken"),
                workers);
    }
}
