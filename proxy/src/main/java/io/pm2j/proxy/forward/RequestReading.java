package io.pm2j.proxy.forward;

import io.pm2j.config.spec.edge.Template;
import io.pm2j.proxy.admission.Arrival;
import io.pm2j.proxy.client.Client;
import io.pm2j.proxy.client.ForwardedFields;
import io.pm2j.proxy.client.Peer;
import io.pm2j.proxy.client.TrustedProxies;
import io.pm2j.proxy.http.Method;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.route.Facts;
import io.pm2j.proxy.route.Query;
import io.pm2j.proxy.route.Rewrite;
import io.pm2j.proxy.upstream.KeyView;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The request head that a loop has at hand, as routes, templates and rules look at it. Good until the
/// loop scans the next head.
final class RequestReading implements Arrival, Facts {
    private static final byte[] ROOT = {'/'};
    private static final byte[] SERVER = {'*'};

    private final Octets host = new Octets();
    private final Octets method = new Octets();
    private final Octets path = new Octets();
    private final Octets query = new Octets();
    private final Octets uri = new Octets();
    private final KeyView keys = new KeyView() {
        @Override
        public byte[] client() {
            return RequestReading.this.client().address().bytes();
        }

        @Override
        public CharSequence path() {
            return path;
        }

        @Override
        public @Nullable CharSequence header(String lowerCaseName) {
            return RequestReading.this.header(lowerCaseName);
        }
    };
    private byte[] bytes = {};
    private RequestHead head = new RequestHead();
    private Peer peer = Peer.of(null, "http", 0, TrustedProxies.NONE);
    private TrustedProxies trusted = TrustedProxies.NONE;
    private @Nullable Client client;
    private String requestId = "";

    RequestReading of(byte[] b, RequestHead scanned, Peer from, TrustedProxies proxies) {
        bytes = b;
        head = scanned;
        peer = from;
        trusted = proxies;
        client = null;
        requestId = "";
        method.of(b, 0, scanned.methodEnd());
        if (scanned.absoluteForm()) {
            host.of(b, scanned.authorityStart(), scanned.authorityEnd());
        } else if (scanned.hostField() >= 0) {
            host.of(b, scanned.valueStart(scanned.hostField()), scanned.valueEnd(scanned.hostField()));
        } else {
            host.of(b, 0, 0);
        }
        target(b, scanned.targetStart(), scanned.targetEnd());
        return this;
    }

    private void target(byte[] b, int start, int end) {
        int mark = start;
        while (mark < end && b[mark] != '?') {
            mark++;
        }
        uri.of(b, start, end);
        if (mark == start) {
            // An absolute form may have no path: RFC 9110 §4.2.3 takes it for the root, RFC 9112 §3.2.4 with OPTIONS
            // for the server as a whole.
            boolean server = head.method() == Method.OPTIONS && start == end;
            path.of(server ? SERVER : ROOT, 0, 1);
        } else {
            path.of(b, start, mark);
        }
        query.of(b, Math.min(mark + 1, end), end);
    }

    byte[] bytes() {
        return bytes;
    }

    RequestHead head() {
        return head;
    }

    /// From now on it is known by this id.
    void identify(String id) {
        requestId = id;
    }

    /// The lines that say who the client is, but for those of a client that is its own peer.
    byte[] appended() {
        return ForwardedFields.appended(peer, client(), this, host);
    }

    @Override
    public Client client() {
        Client known = client;
        if (known == null) {
            known = peer.trusted() ? peer.client(this, trusted) : peer.client();
            client = known;
        }
        return known;
    }

    @Override
    public boolean fromTrustedPeer() {
        return peer.trusted();
    }

    @Override
    public CharSequence target() {
        return uri;
    }

    @Override
    public long contentLength() {
        return head.contentLength();
    }

    @Override
    public void eachField(BiConsumer<String, String> nameAndValue) {
        for (int f = 0; f < head.count(); f++) {
            if (!head.isDropped(f)) {
                nameAndValue.accept(head.name(bytes, f), head.value(bytes, f));
            }
        }
    }

    @Override
    public CharSequence host() {
        return host;
    }

    @Override
    public CharSequence method() {
        return method;
    }

    @Override
    public CharSequence path() {
        return path;
    }

    /// Several fields of a name are one list (RFC 9110 §5.3), whose members a comma parts; but those of `Cookie`, which
    /// is no list, are parted as cookies are (RFC 6265 §4.2.1).
    @Override
    public @Nullable CharSequence header(String lowerCaseName) {
        String between = lowerCaseName.equals("cookie") ? "; " : ", ";
        byte[] wanted = Tokens.ascii(lowerCaseName);
        String value = null;
        for (int f = 0; f < head.count(); f++) {
            if (Tokens.is(bytes, head.lineStart(f), head.nameEnd(f), wanted)) {
                String one = head.value(bytes, f);
                value = value == null ? one : value + between + one;
            }
        }
        return value;
    }

    /// Whether there is a field of this name, in lower case.
    boolean has(byte[] name) {
        for (int f = 0; f < head.count(); f++) {
            if (Tokens.is(bytes, head.lineStart(f), head.nameEnd(f), name)) {
                return true;
            }
        }
        return false;
    }

    /// The same as a key is made of it.
    KeyView keys() {
        return keys;
    }

    @Override
    public @Nullable CharSequence query(String name) {
        return Query.first(query, name);
    }

    @Override
    public CharSequence of(Template.Place place) {
        return switch (place) {
            case SCHEME -> client().scheme();
            case HOST -> withoutPort();
            case PORT -> client().port() > 0 ? String.valueOf(client().port()) : "";
            case METHOD -> method;
            case PATH -> path;
            case QUERY -> query;
            case URI -> uri;
            case CLIENT_IP -> client().ip();
            case REQUEST_ID -> requestId;
        };
    }

    private CharSequence withoutPort() {
        int end = host.length();
        for (int i = end - 1; i >= 0 && host.charAt(i) != ']'; i--) {
            if (host.charAt(i) == ':') {
                return host.subSequence(0, i);
            }
        }
        return host;
    }

    Rewrite.Result rewritten(Rewrite rewrite) {
        return rewrite.apply(path, this);
    }

    /// What the origin is asked for in the place of what came; the query goes along unless the path has its own.
    byte[] target(String newPath, boolean queried) {
        boolean along = !queried && !query.isEmpty();
        return (along ? newPath + "?" + query : newPath).getBytes(StandardCharsets.ISO_8859_1);
    }
}
