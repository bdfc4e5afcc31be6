package io.pm2j.proxy.tls;

import io.netty.handler.ssl.SslContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How one listener speaks TLS: which certificate a client gets. What is changed counts for the next handshake.
public final class Tls {
    private record Served(SslContext first, Map<String, SslContext> names, List<SslContext> all) {}

    private final TlsContexts contexts;
    private final TlsContexts.Terms terms;
    private volatile Served served;
    private volatile List<Certificate> certificates;

    /// @throws BadCertificate when one cannot be served with
    Tls(TlsContexts contexts, TlsContexts.Terms terms, List<Certificate> certificates) throws BadCertificate {
        this.contexts = contexts;
        this.terms = terms;
        this.certificates = List.copyOf(certificates);
        served = made(certificates);
    }

    /// Serves these from now on; the first is for whom none is made out. Blocks.
    ///
    /// @throws BadCertificate when one cannot be served with; then all is as before
    public void become(List<Certificate> next) throws BadCertificate {
        // No other keys of tickets meanwhile.
        synchronized (contexts) {
            Served before = served;
            served = made(next);
            certificates = List.copyOf(next);
            contexts.discard(before.all);
        }
    }

    /// What is served now.
    public List<Certificate> certificates() {
        return certificates;
    }

    /// Nobody comes any more.
    public void close() {
        contexts.closed(this);
    }

    /// Whether two names are served with one certificate; `asked` is what the client named in its handshake.
    public boolean alike(@Nullable String asked, String host) {
        return Objects.equals(of(asked), of(host));
    }

    /// For a client that asks for `name`, in lower case, or for none. On an event loop.
    public SslContext of(@Nullable String name) {
        Served now = served;
        if (name == null || now.names.isEmpty()) {
            return now.first;
        }
        SslContext exact = now.names.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        SslContext any = dot < 0 ? null : now.names.get("*" + name.substring(dot));
        return any == null ? now.first : any;
    }

    List<SslContext> all() {
        return served.all;
    }

    private Served made(List<Certificate> wanted) throws BadCertificate {
        List<SslContext> all = contexts.made(wanted, terms);
        Map<String, SslContext> names = new HashMap<>();
        for (int i = 0; i < all.size(); i++) {
            for (String name : wanted.get(i).names()) {
                names.putIfAbsent(name, all.get(i));
            }
        }
        // One certificate is for everybody.
        return new Served(all.getFirst(), all.size() == 1 ? Map.of() : Map.copyOf(names), all);
    }
}
