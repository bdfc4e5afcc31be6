package io.pm2j.config.spec;

import java.util.Optional;
import java.util.OptionalInt;

/// What a worker's process may do, beside its program: whose it is (`uid`, `gid`: names or numbers, root only), its
/// `umask`, and how many files it may have open (`open_files`). What is empty is as the daemon's.
public record ProcessSpec(Optional<String> user, Optional<String> group, OptionalInt umask, OptionalInt openFiles) {
    public static final ProcessSpec DEFAULT =
            new ProcessSpec(Optional.empty(), Optional.empty(), OptionalInt.empty(), OptionalInt.empty());
}
