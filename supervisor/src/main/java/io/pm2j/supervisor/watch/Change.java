package io.pm2j.supervisor.watch;

import java.nio.file.Path;

/// Files have changed: the first path that did, and how many different ones until it was quiet
/// again.
public record Change(Path first, int count) {}
