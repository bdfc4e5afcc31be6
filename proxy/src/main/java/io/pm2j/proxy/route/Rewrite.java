package io.pm2j.proxy.route;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.pm2j.config.spec.edge.PathStep;
import io.pm2j.config.spec.edge.Template;
import io.pm2j.config.spec.edge.UriPath;
import java.util.ArrayList;
import java.util.List;

/// What becomes of a path on its way to the origin. Immutable; pure.
///
/// What is cut or put before leaves the rest as it came, byte for byte: a signature may be on it.
/// The path that comes out begins with exactly one slash, since an origin may take `//host` for
/// another place, and has no dot segment.
public final class Rewrite {
    private final List<Step> steps;

    /// A path and, where a step says one, its query.
    private interface Step {
        Result on(String path, Facts facts);
    }

    /// What comes out: a path to ask the origin for, or a reason not to.
    public sealed interface Result {
        /// @param target the path; when `queried`, with a query that replaces the one asked for
        record Target(String target, boolean queried) implements Result {}

        record Refused(PathReading.Fault fault) implements Result {}
    }

    private Rewrite(List<Step> steps) {
        this.steps = steps;
    }

    public static Rewrite of(List<PathStep> steps) {
        return new Rewrite(steps.stream().map(Rewrite::step).toList());
    }

    /// Whether paths stay as they are.
    public boolean none() {
        return steps.isEmpty();
    }

    /// `path` is one that a [RouteTable] has taken, as it came.
    public Result apply(CharSequence path, Facts facts) {
        Result result = new Result.Target(path.toString(), false);
        for (Step step : steps) {
            if (!(result instanceof Result.Target(String target, boolean queried))) {
                return result;
            }
            int mark = queried ? target.indexOf('?') : -1;
            String query = mark < 0 ? "" : target.substring(mark);
            result = step.on(mark < 0 ? target : target.substring(0, mark), facts);
            if (mark >= 0 && result instanceof Result.Target(String next, boolean again) && !again) {
                result = new Result.Target(next + query, true);
            }
        }
        return steps.isEmpty() ? result : checked(result);
    }

    private static Step step(PathStep step) {
        return switch (step) {
            case PathStep.StripPrefix(var prefix) ->
                (path, _) -> new Result.Target(withoutPrefix(path, prefix.path()), false);
            case PathStep.AddPrefix(var prefix) ->
                (path, _) -> new Result.Target(withPrefix(path, prefix.path()), false);
            case PathStep.Fixed(Template to) -> (_, facts) -> target(Filling.target(to, facts, List.of()));
            case PathStep.Replace(var from, Template to) -> {
                Pattern pattern = from.compile();
                yield (path, facts) -> {
                    Matcher matcher = pattern.matcher(UriPath.normal(path));
                    return matcher.matches()
                            ? target(Filling.target(to, facts, groups(matcher)))
                            : new Result.Target(path, false);
                };
            }
        };
    }

    private static Result target(String filled) {
        return new Result.Target(filled, filled.indexOf('?') >= 0);
    }

    static List<String> groups(Matcher matcher) {
        List<String> groups = new ArrayList<>();
        for (int i = 0; i <= matcher.groupCount(); i++) {
            String group = matcher.group(i);
            groups.add(group == null ? "" : group);
        }
        return groups;
    }

    /// A path below `prefix` without it; any other path as it is. Compared as routes are, cut
    /// where it stands.
    static String withoutPrefix(String path, String prefix) {
        String normal = UriPath.normal(path);
        boolean below = normal.startsWith(prefix)
                && (normal.length() == prefix.length() || normal.charAt(prefix.length()) == '/');
        if (prefix.equals("/") || !below) {
            return path;
        }
        int cut = 0;
        for (int segments = prefix.split("/").length - 1; segments > 0; segments--) {
            int next = path.indexOf('/', cut + 1);
            cut = next < 0 ? path.length() : next;
        }
        return oneSlash(path.substring(cut));
    }

    static String withPrefix(String path, String prefix) {
        return prefix.equals("/") ? path : prefix + path;
    }

    /// RFC 3986 §3.3: a path that begins with `//` is read as a host wherever a URI is.
    static String oneSlash(String target) {
        int slashes = 0;
        while (slashes < target.length() && target.charAt(slashes) == '/') {
            slashes++;
        }
        return "/" + target.substring(slashes);
    }

    private static Result checked(Result result) {
        if (!(result instanceof Result.Target(String target, boolean queried))) {
            return result;
        }
        int mark = queried ? target.indexOf('?') : -1;
        String path = oneSlash(mark < 0 ? target : target.substring(0, mark));
        if (PathReading.of(path) instanceof PathReading.Refused(PathReading.Fault fault)) {
            return new Result.Refused(fault);
        }
        return new Result.Target(mark < 0 ? path : path + target.substring(mark), queried);
    }
}
