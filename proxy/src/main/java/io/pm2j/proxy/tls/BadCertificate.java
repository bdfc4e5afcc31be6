package io.pm2j.proxy.tls;

/// A certificate or its key cannot be used. The message says which file, and why.
public final class BadCertificate extends Exception {
    private static final long serialVersionUID = 1;

    BadCertificate(String sentence) {
        super(sentence);
    }

    BadCertificate(String sentence, Throwable cause) {
        super(sentence, cause);
    }

    /// For people.
    public String sentence() {
        return String.valueOf(getMessage());
    }
}
