package io.pm2j.cli.typed;

import java.util.List;

/// The command cannot go on; carries the sentences for the person who typed it.
public final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> sentences;

    public Failure(String sentence) {
        this(List.of(sentence));
    }

    public Failure(List<String> sentences) {
        super(String.join("\n", sentences), null, false, false);
        this.sentences = List.copyOf(sentences);
    }

    public List<String> sentences() {
        return sentences;
    }
}
