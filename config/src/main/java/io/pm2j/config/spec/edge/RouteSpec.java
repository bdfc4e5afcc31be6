package io.pm2j.config.spec.edge;

import io.pm2j.config.Address;
import java.util.List;

/// Which requests, what is done with them, and how they are treated on the way.
///
/// @param name what logs and metrics call it; no two routes share one
/// @param listeners at which addresses it is for
public record RouteSpec(String name, List<Address> listeners, MatchSpec match, ActionSpec action, PolicySpec policy) {
    public RouteSpec {
        listeners = listeners.stream().distinct().toList();
        Rules.require(!listeners.isEmpty(), "a route at no listener", "at least one");
        boolean label = !name.isBlank() && name.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == '"' || c == '\\');
        Rules.require(label, Rules.quoted(name), "a name without quotes and control characters");
        if (action instanceof ActionSpec.Redirect redirect) {
            int groups = match.path() instanceof PathMatch.Regex(RegexText regex) ? regex.groups() : -1;
            int named = redirect.lastGroup();
            Rules.require(named <= groups, "{" + named + "} in a redirect", "a group of the route's path regex");
        }
    }

    /// Whether it is for requests that came in at `address`.
    public boolean servedAt(Address address) {
        return listeners.contains(address);
    }
}
