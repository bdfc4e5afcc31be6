package io.pm2j.proxy.route;

import io.pm2j.config.spec.edge.Template;
import io.pm2j.config.spec.edge.Template.Part;
import io.pm2j.config.spec.edge.Template.Place;
import io.pm2j.config.spec.edge.UriPath;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Templates with their places filled, each value made safe for where it comes to stand. Pure.
public final class Filling {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();
    /// RFC 3986 §3.4 lets all of these stand in a query; those that part parameters are data here
    /// and are encoded.
    private static final String COMPONENT_MARKS = "-._~!$'()*,:@/";

    private Filling() {}

    /// A header's value: without what would end its line (RFC 9110 §5.5).
    public static String header(Template template, Facts facts) {
        StringBuilder text = new StringBuilder();
        for (Part part : template.parts()) {
            switch (part) {
                case Part.Literal(String literal) -> text.append(literal);
                case Part.Filled(Place place) -> text.append(facts.of(place));
                case Part.Group _ -> {}
            }
        }
        for (int i = text.length() - 1; i >= 0; i--) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) {
                text.deleteCharAt(i);
            }
        }
        return text.toString().strip();
    }

    /// A host: as it is, since a host's characters are checked after.
    static String host(Template template, Facts facts, List<String> groups) {
        StringBuilder text = new StringBuilder();
        for (Part part : template.parts()) {
            switch (part) {
                case Part.Literal(String literal) -> text.append(literal);
                case Part.Filled(Place place) -> text.append(facts.of(place));
                case Part.Group(int number) -> text.append(group(groups, number));
            }
        }
        return text.toString();
    }

    /// A path, perhaps with a query after a `?` that the template itself has. A value cannot
    /// bring a `?` of its own.
    static String target(Template template, Facts facts, List<String> groups) {
        StringBuilder text = new StringBuilder();
        boolean query = false;
        for (Part part : template.parts()) {
            switch (part) {
                case Part.Literal(String literal) -> {
                    for (byte b : literal.getBytes(StandardCharsets.UTF_8)) {
                        literal(b & 0xff, text);
                    }
                    query |= literal.indexOf('?') >= 0;
                }
                case Part.Group(int number) -> component(group(groups, number), true, query, text);
                case Part.Filled(Place place) -> query = place(place, facts, query, text);
            }
        }
        return text.toString();
    }

    private static boolean place(Place place, Facts facts, boolean query, StringBuilder text) {
        switch (place) {
            case PATH -> component(facts.of(place), true, query, text);
            case QUERY -> query(facts.of(place), text);
            case URI -> {
                component(facts.of(Place.PATH), true, query, text);
                CharSequence asked = facts.of(Place.QUERY);
                if (!asked.isEmpty()) {
                    text.append(query ? "%3F" : "?");
                    query(asked, text);
                    return true;
                }
            }
            case SCHEME, HOST, PORT, METHOD, CLIENT_IP, REQUEST_ID -> component(facts.of(place), false, true, text);
        }
        return query;
    }

    private static String group(List<String> groups, int number) {
        return number < groups.size() ? groups.get(number) : "";
    }

    /// What a person wrote into a template is a path or a query already; only what cannot stand
    /// there is encoded.
    private static void literal(int octet, StringBuilder out) {
        if (UriPath.plain(octet) || octet == '%' || octet == '?') {
            out.append((char) octet);
        } else {
            encode(octet, out);
        }
    }

    /// `encoded` values hold `%XX` already, which stay.
    private static void component(CharSequence value, boolean encoded, boolean query, StringBuilder out) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean stays = c == '%'
                    ? encoded && UriPath.octet(value, i) >= 0
                    : !query ? UriPath.plain(c) : letter(c) || COMPONENT_MARKS.indexOf(c) >= 0 && (encoded || c != '/');
            if (stays) {
                out.append(c);
            } else {
                encode(c & 0xff, out);
            }
        }
    }

    /// The query as it came, but for what no URI may hold (RFC 3986 §3.4).
    static void query(CharSequence query, StringBuilder out) {
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            if (UriPath.plain(c) || c == '?' || c == '%' || "[]{}|^`".indexOf(c) >= 0) {
                out.append(c);
            } else {
                encode(c & 0xff, out);
            }
        }
    }

    private static boolean letter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static void encode(int octet, StringBuilder out) {
        out.append('%').append(HEX[octet >> 4]).append(HEX[octet & 15]);
    }
}
