package io.pm2j.supervisor.durable;

import io.pm2j.supervisor.app.AppRecord;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What `save` remembers for `resurrect`: the list as it was then. PM2: dump.pm2, the former one as dump.pm2.bak.
public final class Dump {
    private final StateFile file;

    public Dump(Path home) {
        this.file = new StateFile(home.resolve("dump.pm2"));
    }

    public Path path() {
        return file.path();
    }

    /// Remembers `apps`.
    public void write(List<AppRecord> apps) throws IOException {
        file.write(JsonText.line(json -> {
                    json.writeArrayFieldStart("apps");
                    for (AppRecord app : apps) {
                        json.writeStartObject();
                        RecordCodec.fields(json, app);
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                })
                + "\n");
    }

    /// What is remembered; nothing when nothing ever was.
    public StateFile.Read<List<AppRecord>> read() {
        return file.read(text -> {
            List<AppRecord> apps = new ArrayList<>();
            for (JsonTree app : JsonTree.parse(text).objects("apps")) {
                apps.add(RecordCodec.read(app));
            }
            return apps;
        });
    }
}
