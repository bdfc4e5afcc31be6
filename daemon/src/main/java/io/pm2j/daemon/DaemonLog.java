package io.pm2j.daemon;

import io.pm2j.supervisor.log.DateFormat;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// The daemon's own log, on its standard error, which whoever started it sends to `pm2.log`.
///
/// PM2: lines read `2026-11-21T01:39:31: PM2 log: App [web:0] online`.
final class DaemonLog {
    /// PM2: PM2_LOG_DATE_FORMAT, an empty one for no time at all.
    private static final DateFormat TIME = DateFormat.of(
            Optional.ofNullable(System.getenv("PM2_LOG_DATE_FORMAT")).orElse("YYYY-MM-DDTHH:mm:ss"));

    private DaemonLog() {}

    static void install() {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler console = new ConsoleHandler();
        console.setFormatter(new Line());
        console.setLevel(Level.ALL);
        root.addHandler(console);
        root.setLevel(Level.INFO);
        Logger.getLogger("io.netty").setLevel(Level.WARNING);
    }

    private static final class Line extends Formatter {
        @Override
        public String format(LogRecord record) {
            String time = TIME.text(
                    ZonedDateTime.ofInstant(Instant.ofEpochMilli(record.getMillis()), ZoneId.systemDefault()));
            boolean bad = record.getLevel().intValue() >= Level.WARNING.intValue();
            StringBuilder line = new StringBuilder()
                    .append(time)
                    .append((time.isEmpty() ? "" : ": ") + (bad ? "PM2 error: " : "PM2 log: "))
                    .append(formatMessage(record))
                    .append('\n');
            if (record.getThrown() != null) {
                StringWriter trace = new StringWriter();
                record.getThrown().printStackTrace(new PrintWriter(trace));
                line.append(trace);
            }
            return line.toString();
        }
    }
}
