/// What is wanted: the values a person can write, and the problems found in what they wrote.
///
/// **Lives here:** [AppName], [Address], [Cron], [ConfigProblem], [InvalidConfig]; the specs are
/// in `io.pm2j.config.spec`, their reading from files in `io.pm2j.config.read`.
///
/// **May come in:** every room. **Thread:** any; everything here is an immutable value.
///
/// **Must not know:** processes, sockets, Vert.x.
@NullMarked
package io.pm2j.config;

import org.jspecify.annotations.NullMarked;
