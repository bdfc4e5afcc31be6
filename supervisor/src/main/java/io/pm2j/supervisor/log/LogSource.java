package io.pm2j.supervisor.log;

import io.pm2j.supervisor.log.LogRecord.Stream;

/// Who prints: one stream of one instance of an app.
public record LogSource(int pmId, String app, Stream stream) {}
