package io.pm2j.supervisor.watch;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A shell-like pattern for paths: `*` and `?` stay within a name, `**` spans folders, `[a-z]`,
/// `[!a]` and `{js,ts}` choose, a backslash takes the next character as it is. What matches a
/// folder matches everything below it, and `folder/**` the folder too. Total: what cannot be read
/// as a pattern means itself.
final class Glob {
    private final String text;
    private final StringBuilder regex = new StringBuilder();
    private int at;
    private int braces;

    private Glob(String text) {
        this.text = text;
    }

    static Pattern toPattern(String text) {
        String folder = text;
        while (folder.endsWith("/**")) {
            folder = folder.substring(0, folder.length() - 3);
        }
        String regex = new Glob(folder).translate();
        return Pattern.compile((isRegex(regex) ? regex : Pattern.quote(folder)) + "(?:/.*)?", Pattern.DOTALL);
    }

    /// Not so for `[z-a]` and `{a,{b}`.
    private static boolean isRegex(String text) {
        try {
            Pattern.compile(text);
            return true;
        } catch (PatternSyntaxException _) {
            return false;
        }
    }

    private String translate() {
        while (at < text.length()) {
            char c = text.charAt(at++);
            switch (c) {
                case '*' -> star();
                case '?' -> regex.append("[^/]");
                case '[' -> choice();
                case '{' -> open();
                case '}' -> close();
                case ',' -> regex.append(braces > 0 ? "|" : ",");
                case '\\' -> literal(at < text.length() ? text.charAt(at++) : c);
                default -> literal(c);
            }
        }
        return regex.toString();
    }

    /// `**/` is any number of folders, none too.
    private void star() {
        if (!next('*')) {
            regex.append("[^/]*");
            return;
        }
        while (next('*')) {
            // More stars say no more.
        }
        regex.append(next('/') ? "(?:.*/)?" : ".*");
    }

    private void choice() {
        // The first character may be a closing bracket that means itself.
        int end = text.indexOf(']', at + 1);
        if (end < 0) {
            literal('[');
            return;
        }
        boolean inverted = text.charAt(at) == '!' || text.charAt(at) == '^';
        String characters = text.substring(inverted ? at + 1 : at, end);
        at = end + 1;
        regex.append(inverted ? "[^/" : "[");
        for (char c : characters.toCharArray()) {
            if ("\\[]&^".indexOf(c) >= 0) {
                regex.append('\\');
            }
            regex.append(c);
        }
        regex.append(']');
    }

    private void open() {
        if (text.indexOf('}', at) < 0) {
            literal('{');
            return;
        }
        braces++;
        regex.append("(?:");
    }

    private void close() {
        if (braces == 0) {
            literal('}');
            return;
        }
        braces--;
        regex.append(')');
    }

    private void literal(char c) {
        if ("\\.[]{}()*+-?^$|&".indexOf(c) >= 0) {
            regex.append('\\');
        }
        regex.append(c);
    }

    private boolean next(char wanted) {
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }
}
