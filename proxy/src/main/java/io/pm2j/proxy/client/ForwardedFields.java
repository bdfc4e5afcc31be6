package io.pm2j.proxy.client;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The lines that tell an origin who a request comes from: `X-Forwarded-For`, `-Proto`, `-Port`,
/// `-Host`, and `Forwarded` (RFC 7239).
///
/// Fields of these names that came with a request are never passed on as they came. From a peer
/// that is not trusted they count for nothing, and the lines are the same for a whole connection
/// ([Peer#lines]), but for the host, which varies. From a trusted one the list of addresses goes
/// on, with the peer's own behind.
///
/// `Forwarded` is always sent: 35 to 72 bytes more, in the same ready array. Its `host` is left
/// out where `Host` goes on as it came, since it would cost a check of each request's.
public final class ForwardedFields {
    private ForwardedFields() {}

    static byte[] constant(Client peer) {
        StringBuilder lines = new StringBuilder(160);
        if (!peer.ip().isEmpty()) {
            line(lines, "X-Forwarded-For", peer.ip());
        }
        protoAndPort(lines, peer);
        line(lines, "Forwarded", element(peer, false));
        return bytes(lines);
    }

    /// The lines for a request of a trusted peer, `X-Forwarded-Host` among them.
    ///
    /// The list that said who the client is goes on as it came, with the peer behind; the other
    /// one is written anew, so that both say the same.
    ///
    /// @param client what [Peer#client(FieldSource, TrustedProxies)] made of `fields`
    /// @param host what the request says that it asks for; may be empty
    public static byte[] appended(Peer peer, Client client, FieldSource fields, CharSequence host) {
        StringBuilder lines = new StringBuilder(256);
        Client self = peer.client();
        CharSequence plain = fields.header("x-forwarded-for");
        String forwarded = plain == null ? wellFormed(fields.header("forwarded")) : "";
        String list = plain == null ? (client.address().equals(self.address()) ? "" : client.ip()) : plain.toString();
        String all = joined(list, self.ip());
        if (!all.isEmpty()) {
            line(lines, "X-Forwarded-For", all);
        }
        protoAndPort(lines, client);
        String asked = client.host().isEmpty() ? host.toString() : client.host();
        if (!asked.isEmpty()) {
            line(lines, "X-Forwarded-Host", asked);
        }
        line(lines, "Forwarded", joined(forwarded.isEmpty() ? first(self, client) : forwarded, element(self, false)));
        return bytes(lines);
    }

    /// What to say of a client that a peer spoke for; nothing when that is the peer itself.
    private static String first(Client peer, Client client) {
        return client.equals(peer) ? "" : element(client, true);
    }

    private static String wellFormed(@Nullable CharSequence forwarded) {
        String value = forwarded == null ? "" : forwarded.toString();
        return Forwarded.wellFormed(value) ? value : "";
    }

    /// RFC 7239 §6: IPv6 in brackets and quotes; who has no address is `unknown`.
    private static String element(Client client, boolean withHost) {
        String ip = client.ip();
        String node = ip.isEmpty() ? "unknown" : ip.indexOf(':') < 0 ? ip : "\"[" + ip + "]\"";
        String element = "for=" + node + ";proto=" + client.scheme();
        return withHost && !client.host().isEmpty() ? element + ";host=" + Forwarded.quoted(client.host()) : element;
    }

    private static void protoAndPort(StringBuilder lines, Client client) {
        line(lines, "X-Forwarded-Proto", client.scheme());
        if (client.port() > 0) {
            line(lines, "X-Forwarded-Port", Integer.toString(client.port()));
        }
    }

    private static String joined(String list, String last) {
        return list.isEmpty() ? last : last.isEmpty() ? list : list + ", " + last;
    }

    private static void line(StringBuilder lines, String name, String value) {
        lines.append(name).append(": ").append(value).append("\r\n");
    }

    private static byte[] bytes(StringBuilder lines) {
        return lines.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
