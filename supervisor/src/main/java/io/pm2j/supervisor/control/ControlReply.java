package io.pm2j.supervisor.control;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.app.ProcessView;
import java.util.List;

/// What the daemon answers: any number of these, the last one [Done].
public sealed interface ControlReply {
    /// A sentence for the person at the terminal.
    record Note(Level level, String text) implements ControlReply {}

    /// How loud a note is.
    enum Level {
        INFO,
        WARN,
        ERROR
    }

    /// Instances, in the order to be shown, and what is wanted of their apps, where that was asked for.
    record Listing(List<ProcessView> processes, List<AppSpec> specs) implements ControlReply {
        public Listing {
            processes = List.copyOf(processes);
            specs = List.copyOf(specs);
        }

        /// Without what is wanted.
        public Listing(List<ProcessView> processes) {
            this(processes, List.of());
        }
    }

    /// The last lines of this file follow.
    record LogHeader(String path, int lines) implements ControlReply {
        /// Where no last lines were wanted: every line that is printed from now on will follow.
        public static final LogHeader FROM_NOW_ON = new LogHeader("", 0);
    }

    /// A line that an app printed; `atMillis` is 0 for one read from a file.
    record LogLine(int pmId, String app, boolean error, long atMillis, String text) implements ControlReply {}

    /// Something that happened; `payload` is an object of JSON. PM2: the bus.
    record Happening(String topic, String payload) implements ControlReply {}

    /// The end; `exitCode` is the command's.
    record Done(int exitCode) implements ControlReply {}
}
