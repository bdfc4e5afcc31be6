package io.pm2j.config.read;

import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.RetrySpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// The part of the JSON Schema for what a file asks of the edge. A test holds its keys against those that the readers
/// ask for. Pure.
final class EdgeSchema {
    private static final Map<String, Object> NOTHING = Map.of("type", "null");
    private static final Map<String, Object> OFF = Map.of("enum", List.of(false));
    private static final Map<String, Object> TEXT = EcosystemSchema.TEXT;
    private static final Map<String, Object> FLAG = EcosystemSchema.FLAG;
    private static final Map<String, Object> WHOLE = EcosystemSchema.WHOLE;
    private static final Map<String, Object> DURATION = EcosystemSchema.DURATION;
    private static final Map<String, Object> SIZE = EcosystemSchema.SIZE;
    private static final Map<String, Object> TEXTS = several(TEXT);

    private EdgeSchema() {}

    /// What may stand under `edge` of a document.
    static Map<String, Object> ofDocument() {
        return any(ref("edge"), ref("routes"), FLAG, NOTHING);
    }

    /// What may stand under `edge` of an app: the routes that lead to it.
    static Map<String, Object> ofApp() {
        return any(ref("routes"), OFF, NOTHING);
    }

    /// What both refer to.
    static Map<String, Object> definitions() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("edge", edge());
        all.put("listener", listener());
        all.put("tls", tls());
        all.put("certificate", object(fields("cert", TEXT, "key", TEXT)));
        all.put("routes", several(any(TEXT, ref("route"))));
        all.put("route", route());
        all.put("match", match());
        all.put("path", any(TEXT, object(fields("exact", TEXT, "prefix", TEXT, "regex", TEXT))));
        all.put("value", any(TEXT, FLAG, object(fields("exact", TEXT, "regex", TEXT))));
        all.put("static", folder());
        all.put("redirect", redirect());
        all.put("origin", any(TEXT, object(fields("address", TEXT, "url", TEXT, "weight", WHOLE))));
        all.put("respond", any(TEXT, object(fields("status", WHOLE, "body", TEXT, "content_type", TEXT))));
        all.put("defaults", object(policy()));
        all.put("headers", object(fields("set", named(TEXT), "add", named(TEXTS), "remove", TEXTS)));
        all.put("access_log", accessLog());
        all.put("basic_auth", object(fields("users", named(TEXT), "file", TEXT, "realm", TEXT)));
        all.put("cors", cors());
        all.put("health", health());
        all.put("retries", retries());
        return all;
    }

    private static Map<String, Object> edge() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("listeners", several(any(TEXT, ref("listener"))));
        keys.put("routes", ref("routes"));
        keys.put("defaults", ref("defaults"));
        keys.put("trusted_proxies", any(TEXTS, OFF));
        keys.put("access_log", any(FLAG, TEXT, ref("access_log")));
        return object(keys);
    }

    private static Map<String, Object> listener() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("address", TEXT);
        keys.put("port", TEXT);
        keys.put("protocol", constants(ListenerSpec.Protocol.class));
        keys.put("proxy_protocol", FLAG);
        keys.put("send_proxy", any(OFF, constants(ListenerSpec.ProxyVersion.class)));
        keys.put("tls", any(OFF, several(ref("tls"))));
        keys.put("app", TEXT);
        keys.put("upstream", several(ref("origin")));
        return object(keys);
    }

    private static Map<String, Object> tls() {
        Map<String, Object> keys = new LinkedHashMap<>(fields("cert", TEXT, "key", TEXT));
        keys.put("certificates", several(ref("certificate")));
        keys.put("http2", FLAG);
        keys.put("min_version", Map.of("enum", List.of("1.2", "1.3", 1.2, 1.3)));
        return object(keys);
    }

    private static Map<String, Object> route() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("name", TEXT);
        keys.put("listen", TEXTS);
        keys.put("port", TEXTS);
        keys.putAll(plainMatch());
        keys.put("match", ref("match"));
        keys.put("app", TEXT);
        keys.put("static", any(TEXT, ref("static"), OFF));
        keys.put("redirect", any(TEXT, ref("redirect"), OFF));
        keys.put("upstream", any(several(ref("origin")), OFF));
        keys.put("respond", ref("respond"));
        keys.putAll(policy());
        return object(keys);
    }

    private static Map<String, Object> plainMatch() {
        return fields("host", TEXTS, "hosts", TEXTS, "path", ref("path"), "method", TEXTS, "methods", TEXTS);
    }

    private static Map<String, Object> match() {
        Map<String, Object> keys = new LinkedHashMap<>(plainMatch());
        for (String name : List.of("header", "headers", "query", "query_params")) {
            keys.put(name, named(ref("value")));
        }
        return object(keys);
    }

    private static Map<String, Object> folder() {
        return object(fields("folder", TEXT, "root", TEXT, "spa", FLAG, "index", TEXTS));
    }

    private static Map<String, Object> redirect() {
        Map<String, Object> keys = new LinkedHashMap<>(fields("to", TEXT, "status", WHOLE, "scheme", TEXT));
        keys.putAll(fields("host", TEXT, "port", WHOLE, "path", TEXT, "query", FLAG));
        return object(keys);
    }

    /// How requests are treated: of a route, or of all.
    private static Map<String, Object> policy() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("strip_prefix", any(FLAG, TEXT));
        keys.put("rewrite", any(OFF, TEXT, object(fields("regex", TEXT, "to", TEXT))));
        keys.put("add_prefix", any(OFF, TEXT));
        keys.put("request_headers", any(OFF, ref("headers")));
        keys.put("response_headers", any(OFF, ref("headers")));
        keys.put(
                "timeouts",
                object(fields(
                        "connect",
                        DURATION,
                        "head",
                        DURATION,
                        "idle",
                        DURATION,
                        "total",
                        DURATION,
                        "body_rate",
                        SIZE)));
        keys.put("max_body", any(OFF, SIZE));
        for (String name : List.of("max_connections", "max_connections_per_ip", "max_in_flight")) {
            keys.put(name, any(OFF, WHOLE));
        }
        keys.put("rate_limit", any(OFF, TEXT, object(fields("rate", TEXT, "burst", WHOLE, "key", TEXT))));
        keys.put("allow", any(OFF, TEXTS));
        keys.put("deny", any(OFF, TEXTS));
        keys.put("basic_auth", any(OFF, ref("basic_auth")));
        keys.put("forward_auth", any(OFF, TEXT, object(fields("url", TEXT, "headers", TEXTS, "timeout", DURATION))));
        keys.put("cors", any(FLAG, ref("cors")));
        keys.put("request_id", any(FLAG, TEXT));
        keys.put("error_pages", any(OFF, pages()));
        keys.put("maintenance", any(FLAG, object(fields("page", TEXT, "allow", TEXTS, "retry_after", DURATION))));
        keys.put("balance", Map.of("type", "string", "pattern", "^(round_robin|weighted|least|p2c|random|hash:.+)$"));
        keys.put("slow_start", any(OFF, DURATION));
        keys.put("sticky", any(FLAG, TEXT, object(fields("cookie", TEXT, "max_age", DURATION))));
        keys.put("health", any(OFF, TEXT, ref("health")));
        keys.put("retries", any(OFF, WHOLE, ref("retries")));
        return keys;
    }

    private static Map<String, Object> pages() {
        return Map.of(
                "type",
                "object",
                "patternProperties",
                Map.of("^[45](xx|\\d\\d)$", TEXT),
                "additionalProperties",
                false);
    }

    private static Map<String, Object> accessLog() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("file", TEXT);
        keys.put("format", Map.of("enum", List.of("combined", "json")));
        keys.put("fields", several(constants(AccessLogSpec.Field.class)));
        keys.put("rotate", any(FLAG, EcosystemSchema.rotation()));
        return object(keys);
    }

    private static Map<String, Object> cors() {
        Map<String, Object> keys = new LinkedHashMap<>();
        for (String name : List.of("origins", "methods", "headers", "expose")) {
            keys.put(name, TEXTS);
        }
        keys.put("credentials", FLAG);
        keys.put("max_age", DURATION);
        return object(keys);
    }

    private static Map<String, Object> health() {
        Map<String, Object> keys = new LinkedHashMap<>(fields("path", TEXT, "interval", DURATION, "timeout", DURATION));
        keys.putAll(fields("healthy", WHOLE, "unhealthy", WHOLE, "status", TEXT));
        return object(keys);
    }

    private static Map<String, Object> retries() {
        Map<String, Object> on = several(constants(RetrySpec.Cause.class));
        return object(fields("tries", WHOLE, "on", on, "unsafe", FLAG, "hedge", DURATION));
    }

    /// Names and what stands behind them, by turns.
    private static Map<String, Object> fields(Object... namesAndSchemas) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndSchemas.length; i += 2) {
            fields.put(namesAndSchemas[i].toString(), namesAndSchemas[i + 1]);
        }
        return fields;
    }

    /// An object of these keys alone, each in camelCase too; `null` counts as not written.
    private static Map<String, Object> object(Map<String, Object> keys) {
        Map<String, Object> properties = new LinkedHashMap<>();
        keys.forEach((name, schema) -> Stream.of(name, Keys.camel(name))
                .forEach(spelling -> properties.put(spelling, Map.of("anyOf", List.of(schema, NOTHING)))));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", "object");
        object.put("properties", properties);
        object.put("additionalProperties", false);
        return object;
    }

    private static Map<String, Object> named(Object schema) {
        return Map.of("type", "object", "additionalProperties", schema);
    }

    /// One, or a list of them.
    private static Map<String, Object> several(Object schema) {
        return any(schema, Map.of("type", "array", "items", schema));
    }

    private static Map<String, Object> any(Object... schemas) {
        return Map.of("anyOf", List.of(schemas));
    }

    private static Map<String, Object> ref(String name) {
        return Map.of("$ref", "#/definitions/" + name);
    }

    /// As [PolicyReader#constant] takes them.
    private static <E extends Enum<E>> Map<String, Object> constants(Class<E> type) {
        List<Object> names = new ArrayList<>();
        for (E one : type.getEnumConstants()) {
            names.add(one.name().toLowerCase(Locale.ROOT));
        }
        return Map.of("enum", names);
    }
}
