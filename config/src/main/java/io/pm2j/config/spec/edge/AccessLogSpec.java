package io.pm2j.config.spec.edge;

import io.pm2j.config.spec.LogRotation;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// One line for each request. `file` is empty for the usual place in the home.
public record AccessLogSpec(Optional<Path> file, Format format, LogRotation rotation) {
    public static final AccessLogSpec DEFAULT =
            new AccessLogSpec(Optional.empty(), new Format.Combined(), LogRotation.DEFAULT);

    /// What a line looks like.
    public sealed interface Format {
        /// Apache's "combined".
        record Combined() implements Format {}

        /// An object of all fields.
        record Json() implements Format {}

        /// An object of these fields, in this order.
        record Fields(List<Field> fields) implements Format {
            public Fields {
                fields = fields.stream().distinct().toList();
                Rules.require(!fields.isEmpty(), "no fields", "at least one");
            }
        }
    }

    /// What can be told of a request.
    public enum Field {
        TIME,
        CLIENT_IP,
        METHOD,
        HOST,
        PATH,
        QUERY,
        PROTOCOL,
        STATUS,
        BYTES_IN,
        BYTES_OUT,
        DURATION_MS,
        CONNECT_MS,
        HEAD_MS,
        ROUTE,
        APP,
        ENDPOINT,
        RETRIES,
        REFERER,
        USER_AGENT,
        USER,
        REQUEST_ID,
        CAUSE
    }
}
