package io.pm2j.proxy.tls;

import io.netty.channel.EventLoop;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/// Makes what TLS is spoken with, by BoringSSL where there is one for this machine, else by the JDK.
///
/// Nothing older than TLS 1.2, no suite without forward secrecy, no renegotiation, no early data.
public final class TlsContexts {
    private static final String[] NEWEST = {"TLSv1.3"};
    private static final String[] USUAL = {"TLSv1.3", "TLSv1.2"};
    private static final List<String> HTTP_2_OR_1 =
            List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);
    private static final List<String> HTTP_1 = List.of(ApplicationProtocolNames.HTTP_1_1);
    private static final List<String> SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /// What is spoken at a listener.
    ///
    /// @param onlyNewest whether TLS 1.3 alone is spoken
    /// @param http2 whether a client may choose HTTP/2 (RFC 7301)
    public record Terms(boolean onlyNewest, boolean http2) {}

    private final List<EventLoop> loops;
    private final Set<Tls> open = ConcurrentHashMap.newKeySet();
    private TicketKeys tickets = TicketKeys.none();

    /// `loops` are those that clients come to.
    public TlsContexts(List<EventLoop> loops) {
        this.loops = loops;
    }

    /// For a listener. Blocks.
    ///
    /// @throws BadCertificate when one cannot be served with
    public synchronized Tls open(List<Certificate> certificates, Terms terms) throws BadCertificate {
        Tls tls = new Tls(this, terms, certificates);
        open.add(tls);
        return tls;
    }

    /// Seals the tickets of all listeners with these from now on. Tickets of clients are refused, not more, where TLS
    /// is spoken by the JDK: its keys are its own.
    public synchronized void tickets(TicketKeys keys) {
        tickets = keys;
        open.forEach(tls -> tls.all().forEach(this::giveTickets));
    }

    synchronized List<SslContext> made(List<Certificate> certificates, Terms terms) throws BadCertificate {
        List<SslContext> all = new ArrayList<>();
        try {
            for (Certificate certificate : certificates) {
                all.add(made(certificate, terms));
            }
        } catch (SSLException | RuntimeException e) {
            all.forEach(ReferenceCountUtil::release);
            Certificate bad = certificates.get(all.size());
            throw new BadCertificate(bad.file() + " cannot be served: " + e.getMessage(), e);
        }
        return List.copyOf(all);
    }

    private SslContext made(Certificate certificate, Terms terms) throws SSLException {
        SslContext context = SslContextBuilder.forServer(
                        certificate.key(), certificate.chain().toArray(X509Certificate[]::new))
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                .protocols(terms.onlyNewest ? NEWEST : USUAL)
                .ciphers(SUITES, SupportedCipherSuiteFilter.INSTANCE)
                .sessionTimeout(TicketKeys.OPENS.toSeconds())
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        terms.http2 ? HTTP_2_OR_1 : HTTP_1))
                .build();
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            // Tickets do it, without memory of ours.
            sessions.setSessionCacheEnabled(false);
        }
        giveTickets(context);
        return context;
    }

    private void giveTickets(SslContext context) {
        if (context.sessionContext() instanceof OpenSslSessionContext sessions && tickets.keys().length > 0) {
            sessions.setTicketKeys(tickets.keys());
        }
    }

    synchronized void closed(Tls tls) {
        if (open.remove(tls)) {
            discard(tls.all());
        }
    }

    /// Frees them once no loop can be about to use one.
    void discard(List<SslContext> former) {
        AtomicInteger left = new AtomicInteger(loops.size());
        Runnable done = () -> {
            if (left.decrementAndGet() == 0) {
                former.forEach(ReferenceCountUtil::release);
            }
        };
        for (EventLoop loop : loops) {
            try {
                loop.execute(done);
            } catch (RejectedExecutionException e) {
                done.run(); // it has ended
            }
        }
    }
}
