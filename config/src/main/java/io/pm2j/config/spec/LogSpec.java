package io.pm2j.config.spec;

import java.nio.file.Path;
import java.util.Optional;

/// Where and how an app's output is written.
///
/// `out`, `error` are empty for the default places under the home's `logs/`; `combined` (PM2:
/// `log_file`) takes both streams too. `/dev/null` switches a file off. `merged` (`merge_logs`),
/// when said, is whether all instances share their files. `dateFormat` (`log_date_format`) is a
/// format of PM2's own kind, such as `YYYY-MM-DD HH:mm:ss`; `json` (`log_type: json`) writes one
/// object a line; `disabled` (`disable_logs`) writes no file at all.
public record LogSpec(
        Optional<Path> out,
        Optional<Path> error,
        Optional<Path> combined,
        Optional<Boolean> merged,
        Optional<String> dateFormat,
        boolean json,
        boolean disabled,
        LogRotation rotation) {
    public static final LogSpec DEFAULT = new LogSpec(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            false,
            LogRotation.DEFAULT);

    /// The path that throws text away.
    public static final Path NOWHERE = Path.of("/dev/null");
}
