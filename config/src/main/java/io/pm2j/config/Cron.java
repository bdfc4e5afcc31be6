package io.pm2j.config;

/// When something is due, as cron says it.
public record Cron(String text) {}
