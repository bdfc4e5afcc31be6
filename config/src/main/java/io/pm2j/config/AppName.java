package io.pm2j.config;

/// The name of an app: what `pm2j ls` shows and what commands select by.
///
/// Refused: a blank name, control characters, and `/` (the name becomes part of file names).
public record AppName(String text) implements Comparable<AppName> {
    public AppName {
        if (text.isBlank()) {
            throw new IllegalArgumentException("app name: blank (expected: at least one visible character)");
        }
        if (text.chars().anyMatch(c -> c < 0x20 || c == 0x7f || c == '/')) {
            throw new IllegalArgumentException("app name: '" + text
                    + "' (expected: no control characters and no '/', the name is part of file names)");
        }
    }

    @Override
    public int compareTo(AppName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
