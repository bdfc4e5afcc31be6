package io.pm2j.config.read;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A file of variables, as dotenv and `docker --env-file` read it: `NAME=value`, one a line, `export` and `#` comments
/// allowed. Single quotes keep everything, double quotes know `\n`, `\t`, `\"` and `\\`.
final class EnvFile {
    private static final Pattern LINE = Pattern.compile("(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\\s*=\\s*(.*)");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(.)");

    private EnvFile() {}

    /// The variables of `file`, against `cwd`; what cannot be read is a problem of `values`.
    static Map<String, String> read(String file, Path cwd, Values values) {
        Optional<Path> path = ScriptFinder.path(cwd, file);
        try {
            if (path.isPresent()) {
                return parse(Files.readAllLines(path.get()), path.get(), values);
            }
            values.problem(Attribute.ENV_FILE, "'" + file + "' (expected: a path in this system's encoding)");
        } catch (CharacterCodingException e) {
            values.problem(Attribute.ENV_FILE, path.orElse(cwd) + " is not UTF-8 text");
        } catch (IOException e) {
            values.problem(Attribute.ENV_FILE, "cannot read " + path.orElse(cwd) + " (expected: lines NAME=value)");
        }
        return Map.of();
    }

    private static Map<String, String> parse(List<String> lines, Path path, Values values) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                variables.put(matcher.group(1), value(matcher.group(2)));
            } else {
                // Not what it says: that may be a secret, and this may end in a log.
                values.problem(Attribute.ENV_FILE, path + ":" + (i + 1) + ": not a variable (expected: NAME=value)");
            }
        }
        return variables;
    }

    private static String value(String text) {
        int close = text.isEmpty() ? -1 : closing(text);
        if (close > 0) {
            String inner = text.substring(1, close);
            return text.charAt(0) == '\'' ? inner : ESCAPE.matcher(inner).replaceAll(EnvFile::unescaped);
        }
        int comment = text.indexOf(" #");
        return (comment < 0 ? text : text.substring(0, comment)).strip();
    }

    private static String unescaped(java.util.regex.MatchResult match) {
        return Matcher.quoteReplacement(
                switch (match.group(1)) {
                    case "n" -> "\n";
                    case "t" -> "\t";
                    default -> match.group(1);
                });
    }

    /// Where the quote that `text` begins with is closed; -1 when it begins with none, or it is not.
    private static int closing(String text) {
        char quote = text.charAt(0);
        if (quote != '"' && quote != '\'') {
            return -1;
        }
        for (int i = 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && quote == '"') {
                i++;
            } else if (text.charAt(i) == quote) {
                return i;
            }
        }
        return -1;
    }
}
