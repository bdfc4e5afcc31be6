package io.pm2j.config;

import java.util.OptionalInt;

/// One thing wrong with what a person wrote: where, and a whole sentence saying what was found and what is expected.
///
/// `source` is the file (or "command line"); `line` and `column` count from 1 and are empty where
/// the text has no position of its own; `path` is the place in the document, such as
/// `apps[1].instances`, or empty.
public record ConfigProblem(String source, OptionalInt line, OptionalInt column, String path, String sentence) {
    /// A problem without a position in a text.
    public static ConfigProblem of(String source, String path, String sentence) {
        return new ConfigProblem(source, OptionalInt.empty(), OptionalInt.empty(), path, sentence);
    }

    /// `file:line:column: path: sentence`, leaving out what is not known.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(source);
        line.ifPresent(n -> text.append(':').append(n));
        column.ifPresent(n -> text.append(':').append(n));
        text.append(": ");
        if (!path.isEmpty()) {
            text.append(path).append(": ");
        }
        return text.append(sentence).toString();
    }
}
