package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

/// A command that ended.
///
/// @param command as typed
/// @param exit its exit code
/// @param out what it wrote to stdout
/// @param err what it wrote to stderr
record Ran(String command, int exit, String out, String err) {
    Ran succeeds() {
        assertThat(exit).as(toString()).isZero();
        return this;
    }

    Ran fails() {
        assertThat(exit).as(toString()).isEqualTo(1);
        return this;
    }

    /// Both streams, for facts that do not depend on which.
    String all() {
        return out + err;
    }

    /// Exit 1 and one sentence on stderr, behind PM2's prefix, that says each of `parts`; no stack trace.
    void refusesSaying(String... parts) {
        fails();
        assertThat(err).as(toString()).startsWith("[PM2][ERROR] ").contains(parts);
        assertThat(err.strip().lines()).as(toString()).hasSize(1);
        assertThat(all()).doesNotContain("Exception", "\tat ");
    }

    @Override
    public String toString() {
        return "$ %s%n%s%s[exit %d]".formatted(command, out, err, exit);
    }
}
