package io.pm2j.supervisor.log;

import io.pm2j.config.spec.LogSpec;
import java.util.Optional;

/// How lines stand in a file.
public sealed interface LogFormat {
    /// The bytes as they were printed.
    record Plain() implements LogFormat {}

    /// The bytes as they were printed, each line after its time, a colon and a space.
    record Dated(DateFormat date) implements LogFormat {}

    /// One object a line. PM2: `log_type: json`, with its keys; there the lines of one write are
    /// one message.
    ///
    /// The time is in UTC (ISO 8601) unless a `date` is given. Bytes that are no UTF-8 are
    /// replaced.
    record Json(Optional<DateFormat> date) implements LogFormat {}

    /// What is wanted of an app's files.
    static LogFormat of(LogSpec spec) {
        Optional<DateFormat> date =
                spec.dateFormat().filter(pattern -> !pattern.isEmpty()).map(DateFormat::of);
        if (spec.json()) {
            return new Json(date);
        }
        return date.<LogFormat>map(Dated::new).orElseGet(Plain::new);
    }
}
