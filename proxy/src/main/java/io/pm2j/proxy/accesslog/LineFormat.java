package io.pm2j.proxy.accesslog;

import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import io.pm2j.config.spec.edge.AccessLogSpec.Format;
import java.util.List;
import java.util.Set;

/// How a record becomes a line. Has no state: all loops of a log share it.
sealed interface LineFormat permits CombinedLine, JsonLine {
    static LineFormat of(Format format) {
        return switch (format) {
            case Format.Combined _ -> new CombinedLine();
            case Format.Json _ -> new JsonLine(List.of(Field.values()));
            case Format.Fields(List<Field> fields) -> new JsonLine(fields);
        };
    }

    Set<Field> shows();

    void line(AccessRecord record, Stamp stamp, Block out);

    /// Says that lines are missing here.
    void lost(long lines, long nowMillis, Stamp stamp, Block out);
}
