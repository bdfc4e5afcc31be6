package io.pm2j.daemon.edge;

/// The edge cannot do what is asked; nothing was changed. The message is a whole sentence.
public final class EdgeRefused extends Exception {
    private static final long serialVersionUID = 1L;

    EdgeRefused(String sentence) {
        super(sentence);
    }

    EdgeRefused(String sentence, Throwable cause) {
        super(sentence, cause);
    }

    public String sentence() {
        return String.valueOf(getMessage());
    }
}
