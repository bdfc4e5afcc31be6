package io.pm2j.supervisor.notify;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One thing that a worker says of itself, as sd_notify(3) defines it.
public sealed interface NotifyMessage {
    /// It is ready to serve: after its start, or after a reload.
    record Ready() implements NotifyMessage {}

    /// It has begun to end.
    record Stopping() implements NotifyMessage {}

    /// It has begun to read its configuration again, and will say [Ready] after that.
    record Reloading() implements NotifyMessage {}

    /// What it is doing, in one line for the operator, without control characters; empty takes
    /// the last one back.
    record Status(String text) implements NotifyMessage {}

    /// It is alive; to be said again within the watchdog's interval.
    record WatchdogPing() implements NotifyMessage {}

    /// It found itself ill: the same as if it had not pinged in time.
    record WatchdogTrigger() implements NotifyMessage {}

    /// How often it wants to ping from now on; zero ends the watch.
    record WatchdogInterval(Duration interval) implements NotifyMessage {}

    /// Its start, or its end, takes at least this much longer, from now on.
    record ExtendTimeout(Duration atLeast) implements NotifyMessage {}

    /// Reads a datagram: assignments, one a line, in their order. What is malformed, unknown, or
    /// of no use to a supervisor that knows its workers itself (`MAINPID` and the like) is left
    /// out.
    static List<NotifyMessage> parse(byte[] datagram) {
        List<NotifyMessage> messages = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= datagram.length; i++) {
            if (i == datagram.length || datagram[i] == '\n') {
                text(datagram, from, i).flatMap(NotifyMessage::assignment).ifPresent(messages::add);
                from = i + 1;
            }
        }
        return List.copyOf(messages);
    }

    private static Optional<String> text(byte[] bytes, int from, int to) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static Optional<NotifyMessage> assignment(String line) {
        int equals = line.indexOf('=');
        if (equals < 0) {
            return Optional.empty();
        }
        String value = line.substring(equals + 1);
        return switch (line.substring(0, equals)) {
            case "READY" -> flag(value, new Ready());
            case "STOPPING" -> flag(value, new Stopping());
            case "RELOADING" -> flag(value, new Reloading());
            case "STATUS" ->
                Optional.of(new Status(value.replaceAll("\\p{Cntrl}", " ").strip()));
            case "WATCHDOG" ->
                value.equals("trigger") ? Optional.of(new WatchdogTrigger()) : flag(value, new WatchdogPing());
            case "WATCHDOG_USEC" -> micros(value).map(WatchdogInterval::new);
            case "EXTEND_TIMEOUT_USEC" -> micros(value).map(ExtendTimeout::new);
            default -> Optional.empty();
        };
    }

    private static Optional<NotifyMessage> flag(String value, NotifyMessage message) {
        return value.equals("1") ? Optional.of(message) : Optional.empty();
    }

    private static Optional<Duration> micros(String value) {
        return value.matches("[0-9]{1,18}")
                ? Optional.of(Duration.of(Long.parseLong(value), ChronoUnit.MICROS))
                : Optional.empty();
    }
}
