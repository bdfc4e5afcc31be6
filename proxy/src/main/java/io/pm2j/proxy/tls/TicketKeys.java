package io.pm2j.proxy.tls;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

/// The keys that session tickets are sealed with, the newest first: it seals, and all open.
///
/// A ticket lets a client come back without a full handshake (RFC 8446 §4.6.1), also to the next daemon, as long as
/// that knows the key. A key is of use to a thief of old recordings too, so none is good for more than a day. Pure.
public final class TicketKeys {
    /// How long a key seals.
    public static final Duration SEALS = Duration.ofHours(8);
    /// How long it opens; as long as a ticket is good.
    public static final Duration OPENS = Duration.ofHours(24);
    /// The bytes of a key: its name and two secrets.
    public static final int SIZE = OpenSslSessionTicketKey.TICKET_KEY_SIZE;

    private record Dated(Instant from, byte[] bytes) {}

    private final List<Dated> keys;

    private TicketKeys(List<Dated> keys) {
        this.keys = List.copyOf(keys);
    }

    /// No key at all: [#at] makes the first.
    public static TicketKeys none() {
        return new TicketKeys(List.of());
    }

    /// What counts at `now`: without keys that are too old or of a later time, with a new one where the newest
    /// has sealed for long.
    /// The same object when nothing is to be changed.
    public TicketKeys at(Instant now, Supplier<byte[]> fresh) {
        List<Dated> kept = new ArrayList<>(keys.stream()
                .filter(key -> now.isBefore(key.from.plus(OPENS)) && !key.from.isAfter(now))
                .toList());
        if (kept.isEmpty() || !now.isBefore(kept.getFirst().from.plus(SEALS))) {
            byte[] bytes = fresh.get();
            if (bytes.length != SIZE) {
                throw new IllegalArgumentException(bytes.length + " bytes (expected: " + SIZE + ")");
            }
            kept.addFirst(new Dated(now, bytes.clone()));
        }
        return kept.size() == keys.size() && kept.getFirst() == keys.getFirst() ? this : new TicketKeys(kept);
    }

    /// For [#parse]: a line for each key, since when and what.
    public String text() {
        StringBuilder text = new StringBuilder();
        keys.forEach(key -> text.append(key.from.getEpochSecond())
                .append(' ')
                .append(HexFormat.of().formatHex(key.bytes))
                .append('\n'));
        return text.toString();
    }

    /// @throws IllegalArgumentException when it is not such a text
    public static TicketKeys parse(String text) {
        List<Dated> keys = text.lines()
                .map(line -> {
                    int space = line.indexOf(' ');
                    if (space < 0) {
                        throw new IllegalArgumentException("not a key and its time");
                    }
                    byte[] bytes = HexFormat.of().parseHex(line.substring(space + 1));
                    if (bytes.length != SIZE) {
                        throw new IllegalArgumentException("not a key of " + SIZE + " bytes");
                    }
                    return new Dated(Instant.ofEpochSecond(Long.parseLong(line.substring(0, space))), bytes);
                })
                .toList();
        return new TicketKeys(keys);
    }

    OpenSslSessionTicketKey[] keys() {
        int name = OpenSslSessionTicketKey.NAME_SIZE;
        int hmac = name + OpenSslSessionTicketKey.HMAC_KEY_SIZE;
        return keys.stream()
                .map(key -> new OpenSslSessionTicketKey(
                        Arrays.copyOfRange(key.bytes, 0, name),
                        Arrays.copyOfRange(key.bytes, name, hmac),
                        Arrays.copyOfRange(key.bytes, hmac, SIZE)))
                .toArray(OpenSslSessionTicketKey[]::new);
    }
}
