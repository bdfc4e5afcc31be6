package io.pm2j.proxy.route;

import io.pm2j.config.spec.edge.PathMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The routes of one host by path: a tree of segments, and the regular expressions. Immutable.
///
/// ```
///   (root) ── api ── v1        /api/v1/x goes down to v1, and up again until a rule fits:
///     │        └──── v2        exact at the end, prefixes from the longest, regular
///     └────── assets           expressions, and last the prefix /, which says nothing
/// ```
final class PathTree<R> {
    private final Node<R> root;
    private final List<Rule<R>> regexes;

    private PathTree(Node<R> root, List<Rule<R>> regexes) {
        this.root = root;
        this.regexes = regexes;
    }

    /// One segment, and what ends there. `slash` is for the exact path with a final slash.
    private static final class Node<R> {
        final @Nullable Node<R> parent;
        final List<Rule<R>> exact;
        final List<Rule<R>> slash;
        final List<Rule<R>> prefix;
        final CharTable<Node<R>> children;

        Node(@Nullable Node<R> parent, Growing<R> from) {
            this.parent = parent;
            this.exact = sorted(from.exact);
            this.slash = sorted(from.slash);
            this.prefix = sorted(from.prefix);
            Map<String, Node<R>> below = new HashMap<>();
            from.children.forEach((segment, child) -> below.put(segment, new Node<>(this, child)));
            this.children = new CharTable<>(below, false);
        }
    }

    /// A tree in the making. Confined to one thread.
    static final class Growing<R> {
        private final List<Rule<R>> exact = new ArrayList<>();
        private final List<Rule<R>> slash = new ArrayList<>();
        private final List<Rule<R>> prefix = new ArrayList<>();
        private final List<Rule<R>> regexes = new ArrayList<>();
        private final Map<String, Growing<R>> children = new HashMap<>();

        void add(PathMatch path, Rule<R> rule) {
            switch (path) {
                case PathMatch.Exact(String text) -> {
                    Growing<R> end = at(text);
                    (text.endsWith("/") ? end.slash : end.exact).add(rule);
                }
                case PathMatch.Prefix(String text) -> at(text).prefix.add(rule);
                case PathMatch.Regex _ -> regexes.add(rule);
            }
        }

        private Growing<R> at(String path) {
            Growing<R> end = this;
            for (String segment : path.split("/")) {
                if (!segment.isEmpty()) {
                    end = end.children.computeIfAbsent(segment, _ -> new Growing<>());
                }
            }
            return end;
        }

        PathTree<R> tree() {
            return new PathTree<>(new Node<>(null, this), sorted(regexes));
        }
    }

    private static <R> List<Rule<R>> sorted(List<Rule<R>> rules) {
        return rules.stream().sorted(Rule.PRECEDENCE).toList();
    }

    /// The rule that comes first of those that fit, or null. `path` begins with a slash.
    @Nullable
    Rule<R> find(RequestView request, CharSequence path) {
        Node<R> node = root;
        int length = path.length();
        int start = 1;
        boolean whole = false;
        boolean slash = false;
        while (true) {
            int end = segmentEnd(path, start);
            if (end == start) {
                whole = end == length;
                slash = true;
                break;
            }
            Node<R> child = node.children.get(path, start, end);
            if (child == null) {
                break;
            }
            node = child;
            if (end == length) {
                whole = true;
                break;
            }
            start = end + 1;
        }
        Rule<R> exact = whole ? first(slash ? node.slash : node.exact, request, path) : null;
        return exact != null ? exact : above(node, request, path);
    }

    private @Nullable Rule<R> above(Node<R> deepest, RequestView request, CharSequence path) {
        for (Node<R> node = deepest; node != null && node != root; node = node.parent) {
            Rule<R> rule = first(node.prefix, request, path);
            if (rule != null) {
                return rule;
            }
        }
        Rule<R> regex = first(regexes, request, path);
        return regex != null ? regex : first(root.prefix, request, path);
    }

    private static <R> @Nullable Rule<R> first(List<Rule<R>> rules, RequestView request, CharSequence path) {
        // By index: an iterator would be an allocation for each request.
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).fits(request, path)) {
                return rules.get(i);
            }
        }
        return null;
    }

    private static int segmentEnd(CharSequence path, int from) {
        int end = from;
        while (end < path.length() && path.charAt(end) != '/') {
            end++;
        }
        return end;
    }
}
