package io.pm2j.config.spec.edge;

/// Which paths. Compared in the spelling of [UriPath], with upper and lower case told apart,
/// without the query.
public sealed interface PathMatch {
    /// Every path: what a route without a path says.
    PathMatch ANY = new Prefix("/");

    /// This path alone; `/a` and `/a/` are two.
    record Exact(String path) implements PathMatch {
        public Exact {
            path = UriPath.written(path);
        }
    }

    /// This path and all below it: `/api` takes `/api`, `/api/` and `/api/x`, never `/apix`. A
    /// final slash says nothing and is dropped.
    record Prefix(String path) implements PathMatch {
        public Prefix {
            String normal = UriPath.written(path);
            path = normal.length() > 1 && normal.endsWith("/") ? normal.substring(0, normal.length() - 1) : normal;
        }
    }

    /// Paths that it matches as a whole.
    record Regex(RegexText regex) implements PathMatch {}

    /// How a person would write it.
    default String shown() {
        return switch (this) {
            case Exact(String path) -> "= " + path;
            case Prefix(String path) -> path;
            case Regex(RegexText regex) -> "~ " + regex;
        };
    }
}
