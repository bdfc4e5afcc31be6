package io.pm2j.cli.view;

/// How lines of logs are shown.
public enum LogForm {
    /// Whose line it is stands before it.
    LABELLED,
    /// As it was printed.
    RAW,
    /// An object a line. PM2: `--json`.
    JSON,
    /// `app=api id=0 type=out message=...` PM2: `--format`.
    FIELDS
}
