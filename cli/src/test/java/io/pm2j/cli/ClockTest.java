package io.pm2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Z24: whoever waits or measures goes by the monotonic clock, so that nothing expires when the wall clock jumps.
class ClockTest {
    private static final Pattern WALL = Pattern.compile(
            "currentTimeMillis|Instant\\.now|Clock\\.system|LocalDateTime\\.now|ZonedDateTime\\.now|new Date\\(|clock\\.(instant|millis)\\(");

    /// Where the wall clock is read, and may be: moments that people are shown or that are written down, and what is
    /// meant by the calendar. Nobody waits there for such a moment, or ends something because of it.
    private static final Set<String> SHOWN = Set.of(
            // what is on the screen
            "cli/command/Monitor.java",
            "cli/command/Session.java",
            "cli/command/Show.java",
            "cli/command/Upkeep.java",
            // how long an update took, which two programs see one half of each
            "daemon/Daemon.java",
            "daemon/handover/UpdateDesk.java",
            "daemon/admin/DaemonMetrics.java",
            // "since when", in lists and journals; an adopted worker's age is made of it once
            "daemon/reload/Outcome.java",
            "daemon/site/Site.java",
            "daemon/site/Sites.java",
            "supervisor/app/AppRecord.java",
            "supervisor/app/History.java",
            "supervisor/app/InPlace.java",
            "supervisor/app/Instance.java",
            "supervisor/app/Rollout.java",
            "supervisor/app/Worker.java",
            "supervisor/app/Workforce.java",
            // the exits that count as a series outlive the daemon: a jump makes it a longer or a shorter one
            "supervisor/app/AppOwner.java",
            "supervisor/app/Lives.java",
            // a log's lines and the names of its files
            "proxy/accesslog/LogWriter.java",
            "proxy/accesslog/LoopAccessLog.java",
            "supervisor/log/LogPump.java",
            "supervisor/log/LogShelf.java",
            "supervisor/log/LogFile.java",
            // `cron_restart` means the calendar
            "supervisor/app/Occasions.java",
            // certificates are valid by the calendar; the keys of tickets outlive the daemon
            "daemon/TicketSecrets.java",
            "daemon/edge/Certificates.java",
            // Date, Last-Modified, and ids that begin with the time
            "proxy/forward/Answer.java",
            "proxy/files/StaticSite.java",
            "proxy/admission/Admission.java",
            "proxy/admission/Means.java");

    @Test
    void z24NothingWaitsByTheWallClock() throws Exception {
        Set<String> found = new TreeSet<>();
        for (String module : List.of("config", "metrics", "proxy", "supervisor", "daemon", "cli")) {
            Path main = root().resolve(module).resolve("src/main/java/io/pm2j");
            try (Stream<Path> files = Files.walk(main)) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    if (WALL.matcher(Files.readString(file)).find()) {
                        found.add(main.relativize(file).toString());
                    }
                }
            }
        }
        assertThat(found).hasSizeGreaterThan(10);
        assertThat(found).as("may only say or write down the time: see SHOWN").isSubsetOf(SHOWN);
    }

    private static Path root() throws IOException {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path pom = folder.resolve("pom.xml");
            if (Files.exists(pom) && Files.readString(pom).contains("<modules>")) {
                return folder;
            }
        }
        throw new IllegalStateException("no pom.xml with modules above");
    }
}
