package io.pm2j.proxy.route;

import com.google.re2j.Matcher;
import io.pm2j.config.spec.edge.ActionSpec.Redirect;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.config.spec.edge.Template.Place;
import io.pm2j.config.spec.edge.UriPath;
import java.util.List;
import java.util.Optional;

/// Where a redirect sends a client: the value of `Location` (RFC 9110 §10.2.2). Pure.
public final class Location {
    private Location() {}

    /// Empty when the host that the client named is none; that is answered 400.
    ///
    /// Without scheme, host or port the location is a path alone, so that it cannot lead off the
    /// site: it begins with exactly one slash whatever was asked for.
    ///
    /// @param match of the route; the groups of its regular expression fill `{1}` and so on
    public static Optional<String> of(Redirect redirect, PathMatch match, Facts facts) {
        List<String> groups = groups(match, facts);
        String target = redirect.path()
                .map(template -> Filling.target(template, facts, groups))
                .orElseGet(() -> asked(facts));
        StringBuilder location = new StringBuilder(Rewrite.oneSlash(target));
        CharSequence query = facts.of(Place.QUERY);
        if (redirect.query() && !query.isEmpty() && target.indexOf('?') < 0) {
            Filling.query(query, location.append('?'));
        }
        boolean here = redirect.scheme().isEmpty()
                && redirect.host().isEmpty()
                && redirect.port().isEmpty();
        return here
                ? Optional.of(location.toString())
                : authority(redirect, facts, groups).map(to -> to + location);
    }

    private static String asked(Facts facts) {
        StringBuilder path = new StringBuilder();
        Filling.query(facts.of(Place.PATH), path);
        return path.toString();
    }

    private static List<String> groups(PathMatch match, Facts facts) {
        if (!(match instanceof PathMatch.Regex(var regex))) {
            return List.of();
        }
        Matcher matcher = regex.compile().matcher(UriPath.normal(facts.of(Place.PATH)));
        return matcher.matches() ? Rewrite.groups(matcher) : List.of();
    }

    private static Optional<String> authority(Redirect redirect, Facts facts, List<String> groups) {
        String came = facts.of(Place.SCHEME).toString();
        String scheme = redirect.scheme().orElse(came);
        String host = redirect.host()
                .map(template -> Filling.host(template, facts, groups))
                .orElseGet(() -> facts.of(Place.HOST).toString());
        if (!host.matches("[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]")) {
            return Optional.empty();
        }
        String port = redirect.port().isPresent()
                ? String.valueOf(redirect.port().getAsInt())
                : scheme.equals(came) && redirect.host().isEmpty()
                        ? facts.of(Place.PORT).toString()
                        : "";
        boolean usual = port.isEmpty() || port.equals(scheme.equals("https") ? "443" : "80");
        return Optional.of(scheme + "://" + host + (usual ? "" : ":" + port));
    }
}
