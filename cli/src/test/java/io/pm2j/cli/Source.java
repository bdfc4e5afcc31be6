package io.pm2j.cli;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What one Java source imports: packages, from its import lines, and from names that are written out in the code.
record Source(String file, String packageName, Set<String> imports) {
    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    /// A type begins with a capital letter; so does one package.
    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import (?:static )?(org\\.HdrHistogram|[\\w.]+?)\\.(?:[A-Z][\\w.]*|\\*)");
    private static final Pattern WRITTEN_OUT =
            Pattern.compile("(?<![\\w.])((?:io|com|org|jdk|sun|javax)(?:\\.[a-z]\\w*)+)\\.[A-Z]");
    /// Comments, text blocks and texts: names in them are words.
    private static final Pattern WORDS = Pattern.compile(
            "//[^\\n]*|/\\*.*?\\*/|\"\"\".*?(?<!\\\\)\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])+'",
            Pattern.DOTALL);

    static Source of(String file, String text) {
        String code = WORDS.matcher(text).replaceAll("");
        Matcher name = PACKAGE.matcher(code);
        if (!name.find()) {
            throw new IllegalArgumentException(file + ": no package line (expected: one)");
        }
        Set<String> imports = new TreeSet<>();
        for (Pattern pattern : new Pattern[] {IMPORT, WRITTEN_OUT}) {
            Matcher found = pattern.matcher(code);
            while (found.find()) {
                imports.add(found.group(1));
            }
        }
        return new Source(file, name.group(1), imports);
    }
}
