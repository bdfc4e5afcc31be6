package io.pm2j.config.spec.edge;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Who may come in. An address that `deny` holds may not; when `allow` holds any, only those may.
/// Then each kind of authentication that there is has to agree.
public record AccessSpec(List<Cidr> allow, List<Cidr> deny, Optional<BasicAuth> basic, Optional<ForwardAuth> forward) {
    public static final AccessSpec OPEN = new AccessSpec(List.of(), List.of(), Optional.empty(), Optional.empty());

    /// Names and passwords (RFC 7617).
    ///
    /// @param file more lines of `name:password`, read when the edge takes the configuration up
    public record BasicAuth(String realm, Map<String, Password> users, Optional<Path> file) {
        public BasicAuth {
            users = Collections.unmodifiableMap(new LinkedHashMap<>(users));
            Rules.require(!users.isEmpty() || file.isPresent(), "no users", "users or file");
            boolean quotable = Rules.fieldValue(realm) && realm.indexOf('"') < 0 && realm.indexOf('\\') < 0;
            Rules.require(quotable, Rules.quoted(realm), "a realm without quotes");
            for (String user : users.keySet()) {
                boolean name = !user.isEmpty() && user.indexOf(':') < 0 && Rules.fieldValue(user);
                Rules.require(name, Rules.quoted(user), "a name without a colon, RFC 7617 §2");
            }
        }

        @Override
        public String toString() {
            return "BasicAuth[" + realm + ", " + users.keySet() + ", " + file + "]";
        }
    }

    /// How a password is known. Never printed.
    public sealed interface Password {
        /// `$2a$`, `$2b$` or `$2y$`, cost and 53 characters.
        record Bcrypt(String text) implements Password {
            @Override
            public String toString() {
                return "Bcrypt";
            }
        }

        /// `$sha256$SALT$HEX`: SHA-256 of the salt's characters and the password's, in UTF-8.
        record Sha256(String salt, String hex) implements Password {
            @Override
            public String toString() {
                return "Sha256";
            }
        }

        /// As it is: whoever reads the file knows it.
        record Plain(String text) implements Password {
            @Override
            public String toString() {
                return "Plain";
            }
        }

        /// A text that begins as a hash has to be one that we know.
        ///
        /// @throws IllegalArgumentException when it is empty or an unknown hash
        static Password parse(String text) {
            if (text.matches("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}")) {
                return new Bcrypt(text);
            }
            String[] parts = text.split("\\$", -1);
            if (text.matches("\\$sha256\\$[./A-Za-z0-9]{8,64}\\$[0-9a-fA-F]{64}")) {
                return new Sha256(parts[2], parts[3].toLowerCase(Locale.ROOT));
            }
            // Not shown: it may be a real password.
            boolean hash = text.startsWith("$") || text.startsWith("{");
            Rules.require(!hash, "an unknown kind of hash", "bcrypt ($2b$...) or $sha256$SALT$HEX");
            Rules.require(!text.isEmpty(), "an empty password", "a bcrypt or $sha256$ hash");
            return new Plain(text);
        }
    }

    /// Another server is asked first: 2xx lets the request in, anything else is what the client
    /// gets.
    ///
    /// @param path with the query, asked of `origin`
    /// @param headers fields of its answer that go on with the request
    public record ForwardAuth(OriginSpec origin, String path, List<String> headers, Duration timeout) {
        public static final Duration TIMEOUT = Duration.ofSeconds(5);

        public ForwardAuth {
            headers =
                    headers.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
            headers.forEach(name -> Rules.require(Rules.token(name), Rules.quoted(name), "the name of a header"));
            Rules.require(timeout.isPositive(), "timeout " + timeout, "> 0");
            boolean target = path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#');
            Rules.require(target, Rules.quoted(path), "a path, that begins with a slash");
        }

        /// `http://host:port/path`.
        ///
        /// @throws IllegalArgumentException when it is not
        public static ForwardAuth parse(String url) {
            boolean http = url.startsWith("http://") || url.startsWith("https://");
            Rules.require(http, Rules.quoted(url), "http://host:port/path");
            int slash = url.indexOf('/', url.indexOf("//") + 2);
            String origin = slash < 0 ? url : url.substring(0, slash);
            return new ForwardAuth(
                    OriginSpec.parse(origin), slash < 0 ? "/" : url.substring(slash), List.of(), TIMEOUT);
        }

        public ForwardAuth with(List<String> named, Duration within) {
            return new ForwardAuth(origin, path, named, within);
        }
    }

    public AccessSpec {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }
}
