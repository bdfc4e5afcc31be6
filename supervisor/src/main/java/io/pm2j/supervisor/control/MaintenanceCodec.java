package io.pm2j.supervisor.control;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.PagesSpec.Maintenance;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How an app is closed for maintenance, as the fields of a JSON object.
public final class MaintenanceCodec {
    private MaintenanceCodec() {}

    /// The fields of an object that has begun.
    public static void fields(JsonGenerator json, Maintenance how) throws IOException {
        if (how.page().isPresent()) {
            json.writeStringField("page", how.page().get().toString());
        }
        JsonText.texts(json, "allow", how.allow().stream().map(Cidr::text).toList());
        if (how.retryAfter().isPresent()) {
            json.writeNumberField("retryAfter", how.retryAfter().get().toSeconds());
        }
    }

    /// @throws IOException when it is none
    public static Maintenance read(JsonTree tree) throws IOException {
        try {
            List<Cidr> allow = new ArrayList<>();
            for (String block : tree.texts("allow")) {
                allow.add(Cidr.parse(block));
            }
            return new Maintenance(
                    tree.has("page") ? Optional.of(Path.of(tree.text("page"))) : Optional.empty(),
                    allow,
                    tree.has("retryAfter")
                            ? Optional.of(Duration.ofSeconds(tree.big("retryAfter")))
                            : Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new IOException("no maintenance: " + e.getMessage(), e);
        }
    }
}
