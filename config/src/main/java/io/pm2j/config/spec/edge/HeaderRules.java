package io.pm2j.config.spec.edge;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Changes to the header of a request or of a response: first what is removed, then set, then
/// added.
///
/// Names are lower case. Fields that frame a message or end at each hop are not to be touched
/// (RFC 9110 §7.6.1): they say how bytes are to be read, and a wrong one lets a second request
/// hide in the first.
public record HeaderRules(Map<String, Template> set, Map<String, List<Template>> add, Set<String> remove) {
    public static final HeaderRules NONE = new HeaderRules(Map.of(), Map.of(), Set.of());

    private static final Set<String> NOT_OURS = Set.of(
            "connection",
            "content-length",
            "expect",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    public HeaderRules {
        Map<String, Template> sets = new TreeMap<>();
        set.forEach((name, value) -> sets.put(checked(name), checked(value)));
        Map<String, List<Template>> adds = new TreeMap<>();
        add.forEach((name, values) -> {
            List<Template> all = new ArrayList<>();
            values.forEach(value -> all.add(checked(value)));
            adds.put(checked(name), List.copyOf(all));
        });
        set = Collections.unmodifiableMap(sets);
        add = Collections.unmodifiableMap(adds);
        remove = Set.copyOf(remove.stream().map(HeaderRules::checked).toList());
        Rules.require(!remove.contains("host"), "'host' to be removed", "it stays, RFC 9112 §3.2; it may be set");
        Rules.require(!adds.containsKey("host"), "'host' to be added", "one only, RFC 9112 §3.2; it may be set");
    }

    public boolean none() {
        return equals(NONE);
    }

    private static String checked(String name) {
        Rules.require(Rules.token(name), Rules.quoted(name), "the name of a header");
        String lower = name.toLowerCase(Locale.ROOT);
        Rules.require(
                !NOT_OURS.contains(lower), Rules.quoted(name), "a header that belongs to the message, not the hop");
        return lower;
    }

    private static Template checked(Template value) {
        Rules.require(Rules.fieldValue(value.text()), Rules.quoted(value.text()), "no control character in a header");
        Rules.require(value.lastGroup() < 0, Rules.quoted(value.text()), "no group; there is no regular expression");
        return value;
    }
}
