package io.pm2j.supervisor.app;

/// What a program said with `process.send`, as JSON text. PM2: bus event `process:msg`.
public record ProgramMessage(String app, int pmId, long atMillis, String json) {}
