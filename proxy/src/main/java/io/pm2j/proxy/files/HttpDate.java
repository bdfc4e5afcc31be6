package io.pm2j.proxy.files;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The three date forms of RFC 9110 §5.6.7; only the first is written.
final class HttpDate {
    private static final DateTimeFormatter FIXDATE = form("EEE, dd MMM uuuu HH:mm:ss 'GMT'");
    private static final List<DateTimeFormatter> READ = List.of(
            FIXDATE,
            new DateTimeFormatterBuilder()
                    .appendPattern("EEEE, dd-MMM-")
                    .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
                    .appendPattern(" HH:mm:ss 'GMT'")
                    .toFormatter(Locale.US)
                    .withZone(ZoneOffset.UTC),
            form("EEE MMM ppd HH:mm:ss uuuu"));
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    private HttpDate() {}

    static String write(Instant when) {
        Instant writable = when.isBefore(Instant.EPOCH) ? Instant.EPOCH : when.isAfter(LAST) ? LAST : when;
        return FIXDATE.format(writable);
    }

    /// Seconds since 1970, or null for what is no date: such a field is ignored.
    static @Nullable Long readSeconds(String text) {
        for (DateTimeFormatter form : READ) {
            try {
                return Instant.from(form.parse(text.strip())).getEpochSecond();
            } catch (DateTimeException notThisForm) {
                continue;
            }
        }
        return null;
    }

    private static DateTimeFormatter form(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.US).withZone(ZoneOffset.UTC);
    }
}
