package io.pm2j.supervisor.control;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.supervisor.app.Standing;
import io.pm2j.supervisor.json.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Standings as JSON objects.
final class StandingCodec {
    private StandingCodec() {}

    /// The field `standing`; left out where there is nothing to say.
    static void write(JsonGenerator json, Standing standing) throws IOException {
        if (standing.equals(Standing.NONE)) {
            return;
        }
        json.writeObjectFieldStart("standing");
        if (standing.canary().isPresent()) {
            json.writeNumberField("canary", standing.canary().get().generation());
            json.writeStringField("share", standing.canary().get().share());
        }
        json.writeBooleanField("onTrial", standing.onTrial());
        json.writeStringField("canaryEnded", standing.canaryEnded());
        json.writeStringField("maintenance", standing.maintenance());
        json.writeArrayFieldStart("oldWorkers");
        for (Standing.OldWorker worker : standing.oldWorkers()) {
            json.writeStartObject();
            json.writeNumberField("pid", worker.pid());
            json.writeNumberField("generation", worker.generation());
            json.writeNumberField("startedAt", worker.startedAtMillis());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("generations");
        for (Standing.Past past : standing.generations()) {
            json.writeStartObject();
            json.writeNumberField("number", past.number());
            json.writeNumberField("since", past.sinceMillis());
            json.writeStringField("change", past.change());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static Standing read(JsonTree view) throws IOException {
        if (!view.has("standing")) {
            return Standing.NONE;
        }
        JsonTree tree = view.tree("standing");
        List<Standing.OldWorker> workers = new ArrayList<>();
        for (JsonTree worker : tree.objects("oldWorkers")) {
            workers.add(
                    new Standing.OldWorker(worker.whole("pid"), worker.whole("generation"), worker.big("startedAt")));
        }
        List<Standing.Past> past = new ArrayList<>();
        for (JsonTree one : tree.objects("generations")) {
            past.add(new Standing.Past(one.whole("number"), one.big("since"), one.text("change")));
        }
        return new Standing(
                tree.has("canary")
                        ? Optional.of(new Standing.Open(tree.whole("canary"), tree.text("share")))
                        : Optional.empty(),
                tree.flag("onTrial"),
                tree.text("canaryEnded"),
                workers,
                past,
                tree.text("maintenance"));
    }
}
