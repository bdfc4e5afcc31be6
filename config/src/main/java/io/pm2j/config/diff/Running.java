package io.pm2j.config.diff;

import io.pm2j.config.spec.AppSpec;
import java.nio.file.Path;

/// An app as it runs: what is wanted of it, how many instances are listed, whether any of them is to be up, and the
/// folder that its workers run in, with links followed.
public record Running(AppSpec spec, int instances, boolean up, Path folder) {}
