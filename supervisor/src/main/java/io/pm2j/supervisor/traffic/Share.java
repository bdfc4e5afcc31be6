package io.pm2j.supervisor.traffic;

import java.util.Optional;

/// What of an app's requests a new version on trial gets.
public sealed interface Share {
    /// So many of a hundred, drawn for each request; a session that sticks stays where it is.
    record Percent(int percent) implements Share {
        public Percent {
            if (percent < 1 || percent > 100) {
                throw new IllegalArgumentException(percent + "% (expected: 1% to 100%)");
            }
        }

        @Override
        public String toString() {
            return percent + "%";
        }
    }

    /// Exactly those with this cookie.
    record Cookie(String name, String value) implements Share {
        public Cookie {
            if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") || !value.matches("[!#-+./0-:<-\\[\\]-~-]+")) {
                throw new IllegalArgumentException("'" + name + "=" + value + "' (expected: NAME=VALUE of a cookie)");
            }
        }

        @Override
        public String toString() {
            return "cookie " + name + "=" + value;
        }
    }

    /// A typed one: `10%`, `10`, or `cookie:NAME=VALUE`; empty when it is neither.
    static Optional<Share> parse(String text) {
        try {
            if (text.startsWith("cookie:")) {
                return cookie(text.substring("cookie:".length()));
            }
            return text.matches("\\d{1,3}%?")
                    ? Optional.of(new Percent(Integer.parseInt(text.replace("%", ""))))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// `NAME=VALUE`; empty when it is not that.
    static Optional<Share> cookie(String text) {
        int equals = text.indexOf('=');
        try {
            return equals < 0
                    ? Optional.empty()
                    : Optional.of(new Cookie(text.substring(0, equals), text.substring(equals + 1)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
