package io.pm2j.config.diff;

import io.pm2j.config.spec.AppSpec;
import java.io.IOException;
import java.nio.file.Path;

/// An app as a file wants it, and the folder that its `cwd` means now, with links followed.
public record Wanted(AppSpec spec, Path folder) {
    /// Looks where the links lead.
    public static Wanted now(AppSpec spec) {
        try {
            return new Wanted(spec, spec.cwd().toRealPath());
        } catch (IOException e) {
            return new Wanted(spec, spec.cwd()); // whoever starts it will be told
        }
    }
}
