package io.pm2j.config.spec.edge;

import java.util.EnumSet;
import java.util.Set;

/// What the `edge` of a file can ask for, each under the name of its key. What is not built yet
/// is read, checked, and refused by its name; building it means to say so here.
public enum EdgeFeature {
    /// Routes at all: by host, path, method, header and query, to an app.
    ROUTES("edge", true),
    TCP("protocol: tcp", true),
    UDP("protocol: udp", true),
    PROXY_PROTOCOL("proxy_protocol", true),
    SEND_PROXY("send_proxy", true),
    TLS("tls", true),
    TRUSTED_PROXIES("trusted_proxies", true),
    ACCESS_LOG("access_log", true),
    ORIGINS("upstream", true),
    ORIGIN_TLS("upstream over https", false),
    STATIC("static", true),
    REDIRECT("redirect", true),
    RESPOND("respond", true),
    STRIP_PREFIX("strip_prefix", true),
    ADD_PREFIX("add_prefix", true),
    REWRITE("rewrite", true),
    REQUEST_HEADERS("request_headers", true),
    RESPONSE_HEADERS("response_headers", true),
    TIMEOUTS("timeouts", true),
    MAX_BODY("max_body", true),
    MAX_CONNECTIONS("max_connections", true),
    MAX_CONNECTIONS_PER_IP("max_connections_per_ip", true),
    RATE_LIMIT("rate_limit", true),
    ALLOW("allow", true),
    DENY("deny", true),
    BASIC_AUTH("basic_auth", true),
    FORWARD_AUTH("forward_auth", true),
    CORS("cors", true),
    REQUEST_ID("request_id", true),
    ERROR_PAGES("error_pages", true),
    MAINTENANCE("maintenance", true),
    BALANCE("balance", true),
    SLOW_START("slow_start", true),
    MAX_IN_FLIGHT("max_in_flight", true),
    STICKY("sticky", true),
    HEALTH("health", true),
    RETRIES("retries", true);

    private final String key;
    private final boolean built;

    EdgeFeature(String key, boolean built) {
        this.key = key;
        this.built = built;
    }

    /// What it is called in a file and in messages.
    public String key() {
        return key;
    }

    /// What the edge does now.
    public static Set<EdgeFeature> built() {
        Set<EdgeFeature> all = EnumSet.noneOf(EdgeFeature.class);
        for (EdgeFeature feature : values()) {
            if (feature.built) {
                all.add(feature);
            }
        }
        return all;
    }
}
