package io.pm2j.config.spec.edge;

/// One change of the path on the way to the origin. The steps of a route are taken in their order.
public sealed interface PathStep {
    /// Takes a beginning away, on a segment boundary: `/api/x` becomes `/x`, and `/api` becomes
    /// `/`.
    record StripPrefix(PathMatch.Prefix prefix) implements PathStep {}

    /// Puts something before: `/x` becomes `/v1/x`.
    record AddPrefix(PathMatch.Prefix prefix) implements PathStep {}

    /// Replaces the path that `from` matches as a whole; any other path stays.
    record Replace(RegexText from, Template to) implements PathStep {
        public Replace {
            int named = to.lastGroup();
            int groups = from.groups();
            Rules.require(
                    named <= groups, Rules.quoted(to.text()), "no group above {" + groups + "}, the last of " + from);
            slash(to);
        }
    }

    /// The path is this one, whatever was asked for.
    record Fixed(Template to) implements PathStep {
        public Fixed {
            Rules.require(to.lastGroup() < 0, Rules.quoted(to.text()), "no group without a regular expression");
            slash(to);
        }
    }

    private static void slash(Template to) {
        boolean path = to.text().startsWith("/")
                || to.text().startsWith("{path}")
                || to.text().startsWith("{uri}");
        Rules.require(
                path || to.text().matches("\\{\\d}.*"), Rules.quoted(to.text()), "a path, that begins with a slash");
    }
}
