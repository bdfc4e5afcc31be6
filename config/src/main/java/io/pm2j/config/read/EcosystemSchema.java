package io.pm2j.config.read;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The JSON Schema (draft 7) of ecosystem files, for editors: made of the attributes that are read, so that it knows
/// neither more nor fewer. Pure.
public final class EcosystemSchema {
    private static final Map<String, Object> SCALAR = Map.of("type", List.of("string", "number", "boolean"));
    static final Map<String, Object> TEXT = Map.of("type", List.of("string", "number"));
    static final Map<String, Object> FLAG = Map.of("enum", List.of(true, false, "true", "false"));
    static final Map<String, Object> WHOLE = Map.of("type", List.of("integer", "string"), "pattern", "^-?\\d{1,9}$");
    static final Map<String, Object> DURATION = Map.of(
            "type", List.of("integer", "string"), "pattern", "^\\d{1,12}(ms|s|m|h)?$", "description", Values.DURATIONS);
    static final Map<String, Object> SIZE = Map.of(
            "type", List.of("integer", "string"),
            "pattern", "^\\d{1,12}[kKmMgG]?[bB]?$",
            "description", "bytes, or a size such as 300M or 1G");
    private static final Map<String, Object> WORDS = anyOf(SCALAR, Map.of("type", "array", "items", TEXT));
    private static final Map<String, Object> VARIABLES = Map.of("type", "object");
    private static final Map<String, Object> ANYTHING = Map.of();
    private static final Map<String, Object> APP = Map.of("$ref", "#/definitions/app");
    private static final Map<String, Object> APPS = anyOf(Map.of("type", "array", "items", APP, "minItems", 1L), APP);

    private EcosystemSchema() {}

    /// The schema as a text.
    public static String text() {
        return JsonText.pretty(node(document())) + "\n";
    }

    private static Map<String, Object> document() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.put("title", "pm2j ecosystem file");
        schema.put("anyOf", List.of(whole("apps"), whole("pm2"), APPS));
        Map<String, Object> definitions = new LinkedHashMap<>();
        definitions.put("app", app());
        definitions.put("deploy", Map.of("type", "object", "additionalProperties", target()));
        definitions.putAll(EdgeSchema.definitions());
        schema.put("definitions", definitions);
        return schema;
    }

    private static Map<String, Object> whole(String key) {
        return Map.of(
                "type", "object",
                "required", List.of(key),
                "properties",
                        Map.of(
                                key,
                                APPS,
                                "deploy",
                                Map.of("$ref", "#/definitions/deploy"),
                                "edge",
                                EdgeSchema.ofDocument(),
                                "config_watch",
                                FLAG));
    }

    private static Map<String, Object> app() {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Attribute attribute : Attribute.values()) {
            for (String name : attribute.everyName()) {
                properties.put(name, of(attribute));
            }
        }
        for (String name : Attribute.everyNameOfPm2Only()) {
            properties.put(name, ANYTHING);
        }
        List<Object> scripts = Attribute.SCRIPT.everyName().stream()
                .<Object>map(name -> Map.of("required", List.of(name)))
                .toList();
        return Map.of(
                "type",
                "object",
                "properties",
                properties,
                "patternProperties",
                Map.of("^env_", VARIABLES),
                "additionalProperties",
                false,
                "anyOf",
                scripts);
    }

    /// What may stand behind an attribute; `null` counts as not written.
    private static Map<String, Object> of(Attribute attribute) {
        Map<String, Object> value = switch (attribute) {
            case NAME, SCRIPT, CWD, INTERPRETER, NAMESPACE, INSTANCE_VAR, INCREMENT_VAR, UID, GID, UMASK, PID_FILE ->
                TEXT;
            case LOG_DATE_FORMAT, OUT_FILE, ERROR_FILE, KILL_SIGNAL, CRON_RESTART -> TEXT;
            case LOG_FILE, INSTANCES -> SCALAR;
            case LOG_TYPE -> Map.of("enum", List.of("json", ""));
            case EXEC_MODE -> TEXT;
            case ARGS, INTERPRETER_ARGS, FILTER_ENV, ENV_FILE, STOP_EXIT_CODES, WATCH, IGNORE_WATCH -> WORDS;
            case SOURCE_MAP_SUPPORT, DISABLE_SOURCE_MAP_SUPPORT, APPEND_ENV_TO_NAME, AUTOSTART, WAIT_READY -> FLAG;
            case SHUTDOWN_WITH_MESSAGE, TREEKILL, AUTORESTART, MERGE_LOGS, DISABLE_LOGS, TIME -> FLAG;
            case PORT, OPEN_FILES, MAX_RESTARTS, SURGE, MAX_UNAVAILABLE, WARMUP_COUNT -> WHOLE;
            case EXCLUSIVE -> FLAG;
            case WARMUP -> TEXT;
            case BAKE, DRAIN_TIMEOUT, STREAM_DRAIN, HOLD_TIMEOUT -> DURATION;
            case DEPENDS_ON -> anyOf(WORDS, Map.of("type", "object", "additionalProperties", condition()));
            case LISTEN_TIMEOUT, KILL_TIMEOUT, MIN_UPTIME, RESTART_DELAY, EXP_BACKOFF_RESTART_DELAY, WATCHDOG ->
                DURATION;
            case WATCH_DELAY -> DURATION;
            case MAX_MEMORY_RESTART -> SIZE;
            case ENV -> VARIABLES;
            case LOG_ROTATE -> anyOf(FLAG, rotation());
            case EDGE -> EdgeSchema.ofApp();
        };
        return value.isEmpty() ? value : anyOf(value, Map.of("type", "null"));
    }

    private static Map<String, Object> condition() {
        Map<String, Object> words = Map.of("enum", List.of("started", "ready", "service_started", "service_healthy"));
        Map<String, Object> object =
                Map.of("type", "object", "properties", Map.of("condition", words), "additionalProperties", false);
        return anyOf(anyOf(words, object), Map.of("type", "null"));
    }

    static Map<String, Object> rotation() {
        return Map.of(
                "type",
                "object",
                "properties",
                Map.of("max_size", SIZE, "daily", FLAG, "keep", WHOLE, "compress", FLAG, "total_size", SIZE),
                "additionalProperties",
                false);
    }

    private static Map<String, Object> target() {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (String name : List.of(
                "user",
                "port",
                "key",
                "ref",
                "repo",
                "path",
                "fetch",
                "pre-setup",
                "post-setup",
                "pre-deploy-local",
                "pre-deploy",
                "post-deploy")) {
            properties.put(name, TEXT);
        }
        properties.put("host", WORDS);
        properties.put("ssh_options", WORDS);
        properties.put("env", VARIABLES);
        return Map.of(
                "type",
                "object",
                "properties",
                properties,
                "required",
                List.of("host", "repo", "path"),
                "additionalProperties",
                false);
    }

    private static Map<String, Object> anyOf(Map<String, Object> one, Map<String, Object> other) {
        return Map.of("anyOf", List.of(one, other));
    }

    private static Node node(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                // Map.of has no order of its own, and the text is to be the same each time.
                Map<String, Node> fields = new LinkedHashMap<>();
                List<?> names = map instanceof LinkedHashMap<?, ?>
                        ? List.copyOf(map.keySet())
                        : map.keySet().stream().sorted().toList();
                names.forEach(name -> fields.put(String.valueOf(name), node(Objects.requireNonNull(map.get(name)))));
                yield new Node.Obj(Node.Position.UNKNOWN, fields, Map.of());
            }
            case List<?> list ->
                new Node.Arr(
                        Node.Position.UNKNOWN,
                        list.stream().map(EcosystemSchema::node).toList());
            case Boolean flag -> Node.bool(flag);
            case Long number -> new Node.Num(Node.Position.UNKNOWN, number.toString());
            default -> Node.text(value.toString());
        };
    }
}
