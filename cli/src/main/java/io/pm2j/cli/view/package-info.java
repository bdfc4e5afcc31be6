/// What is printed: tables, JSON, log lines. Text in, text out; no daemon, no files.
///
/// **Lives here:** [AppTable], [Description], [JsonList], [LogView], [Style]. **May come in:** `command`.
/// **Thread:** any.
///
/// **Must not know:** where the values come from.
@NullMarked
package io.pm2j.cli.view;

import org.jspecify.annotations.NullMarked;
