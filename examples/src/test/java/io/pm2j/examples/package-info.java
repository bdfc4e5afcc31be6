/// The whole product, started as people start it and looked at from outside.
///
/// **Lives here:** [Product], which runs the launcher in a fresh home, and one class of facts per concern.
///
/// **May come in:** nobody. **Thread:** the test's; the product runs in processes of its own.
///
/// **Must not know:** any class of the product; only commands, sockets, files and `/proc`.
@NullMarked
package io.pm2j.examples;

import org.jspecify.annotations.NullMarked;
