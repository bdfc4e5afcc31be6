package io.pm2j.config.spec.edge;

import java.time.Duration;
import java.util.List;

/// Which pages of other origins may read the answers (the Fetch Standard's CORS protocol).
///
/// @param origins `*`, or each `scheme://host[:port]`, or `scheme://*.host` for all below a domain
/// @param headers what a page may send beside the simple ones; `*` for any that it asks for
/// @param expose what a page may read beside the simple ones
public record CorsSpec(
        List<String> origins,
        List<String> methods,
        List<String> headers,
        List<String> expose,
        boolean credentials,
        Duration maxAge) {
    public static final CorsSpec ANY = new CorsSpec(
            List.of("*"),
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
            List.of("*"),
            List.of(),
            false,
            Duration.ofMinutes(10));

    public CorsSpec {
        origins = List.copyOf(origins);
        methods = List.copyOf(methods);
        headers = List.copyOf(headers);
        expose = List.copyOf(expose);
        for (String origin : origins) {
            boolean known = origin.equals("*") || origin.matches("https?://(\\*\\.)?[^/*?#@\\s]+");
            Rules.require(known, Rules.quoted(origin), "* or an origin such as https://app.example.com");
        }
        Rules.require(!origins.isEmpty(), "no origins", "at least one");
        Rules.require(
                !credentials || !origins.contains("*"),
                "credentials for any origin",
                "the origins by name, or every page of the web acts for the user");
        for (String name : methods) {
            Rules.require(Rules.token(name), Rules.quoted(name), "a method such as GET");
        }
        for (String name : headers) {
            Rules.require(Rules.token(name), Rules.quoted(name), "the name of a header, or *");
        }
        for (String name : expose) {
            Rules.require(Rules.token(name), Rules.quoted(name), "the name of a header, or *");
        }
        Rules.require(!maxAge.isNegative(), "max_age " + maxAge, ">= 0");
    }
}
