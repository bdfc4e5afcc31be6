package io.pm2j.config.spec.edge;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// How much a route lets through.
///
/// @param body the most bytes a request's body may have
/// @param connections the most requests at once, together
/// @param perClient the most requests at once from one address
public record LimitSpec(OptionalLong body, OptionalInt connections, OptionalInt perClient, Optional<Rate> rate) {
    public static final LimitSpec NONE =
            new LimitSpec(OptionalLong.empty(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty());

    /// A token bucket for each client: it holds `burst` at most, begins full, and gains `tokens`
    /// in each `every`.
    public record Rate(int tokens, Duration every, int burst, ClientKey key) {
        public Rate {
            Rules.require(tokens > 0, "rate " + tokens, "> 0");
            Rules.require(burst > 0, "burst " + burst, "> 0");
            Rules.require(every.isPositive(), "a rate in no time", "/s, /m or /h");
            boolean known = key instanceof ClientKey.Ip || key instanceof ClientKey.Header;
            Rules.require(known, "a limit by " + key, "ip or header:NAME");
        }

        /// `10/s`, `100/m`, `1000/h`; `10` is a second's. The burst is as large.
        ///
        /// @throws IllegalArgumentException when it is none of these
        public static Rate parse(String text) {
            boolean rate = text.matches("\\d{1,9}(/[smh])?");
            Rules.require(rate, Rules.quoted(text), "a rate such as 10/s, 100/m or 1000/h");
            int slash = text.indexOf('/');
            int tokens = Integer.parseInt(slash < 0 ? text : text.substring(0, slash));
            Duration every = switch (slash < 0 ? "s" : text.substring(slash + 1).toLowerCase(Locale.ROOT)) {
                case "m" -> Duration.ofMinutes(1);
                case "h" -> Duration.ofHours(1);
                default -> Duration.ofSeconds(1);
            };
            return new Rate(tokens, every, tokens, new ClientKey.Ip());
        }

        public Rate withBurst(int to) {
            return new Rate(tokens, every, to, key);
        }

        public Rate withKey(ClientKey to) {
            return new Rate(tokens, every, burst, to);
        }
    }

    public LimitSpec {
        Rules.require(connections.orElse(1) > 0, "max_connections " + connections.orElse(0), "> 0");
        Rules.require(perClient.orElse(1) > 0, "max_connections_per_ip " + perClient.orElse(0), "> 0");
        Rules.require(body.orElse(0) >= 0, "max_body " + body.orElse(0), ">= 0");
    }
}
