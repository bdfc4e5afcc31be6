package io.pm2j.supervisor.watch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Which paths below a watched root do not count. Pure.
///
/// The usual ones never do: dot files, what package managers and compilers write, logs, pid files,
/// sockets, and what editors leave while they save. The entries of `ignore_watch` are added to
/// them:
///
/// - a bare word or glob (`node_modules`, `*.tmp`) matches a name anywhere below the root;
/// - one with a slash (`public/**`, `./tmp`) is a path from the root, or from a folder above it,
///   if it begins with the names that lead from there to the root;
/// - an absolute one is a path;
/// - `[\/\\]\.`, a JavaScript expression for "a name that begins with a dot" as PM2's users know
///   it, is read as what it means, with any beginning.
///
/// What matches a folder holds for everything below it. A `.gitignore` is not read. The root
/// itself is only ignored by an absolute entry: somebody asked for it by name.
public final class IgnoreRules {
    private static final List<String> USUAL = List.of(
            ".*",
            "node_modules",
            "bower_components",
            "__pycache__",
            "*.pyc",
            "*.log",
            "*.pid",
            "*.sock",
            "*.swp",
            "*~",
            // Vim's probe whether it may write into the folder.
            "4913");

    private static final Pattern SEPARATOR_EXPRESSION = Pattern.compile("/?\\[\\\\?/\\\\\\\\](.+?)/?");
    private static final Pattern WILD = Pattern.compile("[*?\\[{\\\\]");

    /// A path from the root, where the root's path ends in `head`.
    private record FromRoot(Path head, Pattern path) {
        boolean matches(Path root, Path below) {
            return (head.toString().isEmpty() || root.endsWith(head))
                    && path.matcher(below.toString()).matches();
        }
    }

    private final Pattern names;
    private final List<FromRoot> fromRoot = new ArrayList<>();
    private final List<Pattern> absolute = new ArrayList<>();

    private IgnoreRules(List<String> entries) {
        List<String> bare = new ArrayList<>(USUAL);
        for (String entry : entries) {
            sort(entry.strip(), bare);
        }
        names = Pattern.compile(
                bare.stream()
                        .map((String name) -> "(?:" + Glob.toPattern(name).pattern() + ")")
                        .collect(Collectors.joining("|")),
                Pattern.DOTALL);
    }

    /// The usual rules and these.
    public static IgnoreRules of(List<String> entries) {
        return new IgnoreRules(entries);
    }

    private void sort(String entry, List<String> bare) {
        Matcher expression = SEPARATOR_EXPRESSION.matcher(entry);
        if (expression.matches()) {
            bare.add(expression.group(1) + "*");
            return;
        }
        String text = entry;
        while (text.length() > 1 && text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        if (text.startsWith("/")) {
            absolute.add(Glob.toPattern(text));
        } else if (text.contains("/")) {
            addFromRoot(text);
        } else if (!text.isEmpty() && !text.equals(".")) {
            bare.add(text);
        }
    }

    /// Once for each way the beginning may lead from a folder above to the root.
    private void addFromRoot(String entry) {
        String rest = entry;
        while (rest.startsWith("./")) {
            rest = rest.substring(2);
        }
        fromRoot.add(new FromRoot(Path.of(""), Glob.toPattern(rest)));
        int slash = rest.indexOf('/');
        while (slash > 0 && !WILD.matcher(rest.substring(0, slash)).find()) {
            fromRoot.add(new FromRoot(Path.of(rest.substring(0, slash)), Glob.toPattern(rest.substring(slash + 1))));
            slash = rest.indexOf('/', slash + 1);
        }
    }

    public boolean ignores(Path root, Path path) {
        String text = path.toString();
        if (absolute.stream().anyMatch((Pattern p) -> p.matcher(text).matches())) {
            return true;
        }
        if (!path.startsWith(root) || path.equals(root)) {
            return false;
        }
        Path below = root.relativize(path);
        return hasIgnoredName(below) || fromRoot.stream().anyMatch((FromRoot rule) -> rule.matches(root, below));
    }

    private boolean hasIgnoredName(Path below) {
        for (Path name : below) {
            if (names.matcher(name.toString()).matches()) {
                return true;
            }
        }
        return false;
    }
}
