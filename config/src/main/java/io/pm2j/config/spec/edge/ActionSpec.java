package io.pm2j.config.spec.edge;

import io.pm2j.config.AppName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// What is done with a request that a route is for.
public sealed interface ActionSpec {
    /// The workers of this app answer it.
    record ToApp(AppName app) implements ActionSpec {}

    /// Servers outside of pm2j answer it.
    record ToOrigins(List<OriginSpec> origins) implements ActionSpec {
        public ToOrigins {
            origins = List.copyOf(origins);
            Rules.require(!origins.isEmpty(), "no origin", "at least one");
            Rules.require(
                    origins.stream().anyMatch(origin -> origin.weight() > 0),
                    "only weights of 0",
                    "one origin that gets requests");
        }
    }

    /// Files below a folder.
    ///
    /// @param spa whether a page that is not there is the root's index
    /// @param index what is tried for a folder, in order
    record StaticFolder(Path folder, boolean spa, List<String> index) implements ActionSpec {
        public static final List<String> INDEX = List.of("index.html");

        public StaticFolder {
            index = List.copyOf(index);
            Rules.require(folder.isAbsolute(), folder.toString(), "an absolute path");
            for (String name : index) {
                boolean file = !name.isEmpty() && name.indexOf('/') < 0 && !name.startsWith(".");
                Rules.require(file, Rules.quoted(name), "the name of a file");
            }
        }
    }

    /// The client is sent elsewhere. What is empty stays as it was asked for.
    ///
    /// @param path made to begin with exactly one slash when it is filled
    /// @param query whether the query goes along
    record Redirect(
            int status,
            Optional<String> scheme,
            Optional<Template> host,
            OptionalInt port,
            Optional<Template> path,
            boolean query)
            implements ActionSpec {
        /// RFC 9110 §15.4: those with which a client goes elsewhere.
        public static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

        public Redirect {
            Rules.require(STATUSES.contains(status), "status " + status, "301, 302, 303, 307 or 308");
            Rules.require(
                    scheme.isEmpty()
                            || scheme.get().equals("http")
                            || scheme.get().equals("https"),
                    scheme.map(Rules::quoted).orElse(""),
                    "http or https");
            Rules.require(
                    port.isEmpty() || port.getAsInt() > 0 && port.getAsInt() <= 65_535,
                    "port " + port,
                    "a port from 1 to 65535");
        }

        /// The highest group that it names, or -1.
        public int lastGroup() {
            int inHost = host.map(Template::lastGroup).orElse(-1);
            return Math.max(inHost, path.map(Template::lastGroup).orElse(-1));
        }

        /// A whole `Location`: `https://www.example.com{path}`, or `/new{path}`.
        ///
        /// @throws IllegalArgumentException when it is neither
        public static Redirect parse(String text, int status) {
            boolean secure = text.startsWith("https://");
            if (!secure && !text.startsWith("http://")) {
                boolean local = text.startsWith("/") && !text.startsWith("//");
                Rules.require(local, Rules.quoted(text), "https://host/path, http://host/path, or a path");
                return new Redirect(
                        status,
                        Optional.empty(),
                        Optional.empty(),
                        OptionalInt.empty(),
                        Optional.of(Template.parse(text)),
                        false);
            }
            String rest = text.substring(text.indexOf("//") + 2);
            int end = end(rest);
            String authority = rest.substring(0, end);
            int colon = authority.lastIndexOf(':');
            boolean port = colon >= 0 && authority.substring(colon + 1).matches("\\d{1,5}");
            String path = rest.substring(end);
            Rules.require(!authority.isEmpty(), Rules.quoted(text), "a host after ://");
            return new Redirect(
                    status,
                    Optional.of(secure ? "https" : "http"),
                    Optional.of(Template.parse(port ? authority.substring(0, colon) : authority)),
                    port ? OptionalInt.of(Integer.parseInt(authority.substring(colon + 1))) : OptionalInt.empty(),
                    Optional.of(Template.parse(path.isEmpty() ? "/" : path)),
                    false);
        }

        /// Where the host of `host/path` or `host{path}` ends: at the first slash, or at a place
        /// that holds one.
        private static int end(String rest) {
            int slash = rest.indexOf('/');
            int end = slash < 0 ? rest.length() : slash;
            for (Template.Place place : List.of(Template.Place.PATH, Template.Place.URI)) {
                int at = rest.indexOf("{" + place.word() + "}");
                end = at >= 0 ? Math.min(end, at) : end;
            }
            return end;
        }
    }

    /// The edge answers by itself.
    record Respond(int status, String contentType, String body) implements ActionSpec {
        static final int MOST_BYTES = 1 << 20;

        public Respond {
            Rules.require(status >= 200 && status <= 599, "status " + status, "200 to 599");
            Rules.require(Rules.fieldValue(contentType), "content_type with a control character", "none");
            Rules.require(body.length() <= MOST_BYTES, body.length() + " characters", "at most " + MOST_BYTES);
            boolean empty = body.isEmpty() || status != 204 && status != 205 && status != 304;
            Rules.require(empty, "a body with status " + status, "none; RFC 9110 §15 lets it have no content");
        }
    }
}
