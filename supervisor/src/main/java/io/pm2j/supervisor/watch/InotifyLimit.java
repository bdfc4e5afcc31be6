package io.pm2j.supervisor.watch;

import java.io.IOException;
import java.nio.file.Path;

/// What to do when the kernel watches no more. The JDK says it in words only.
final class InotifyLimit extends IOException {
    private static final long serialVersionUID = 1;

    private InotifyLimit(String message, IOException cause) {
        super(message, cause);
    }

    /// The same failure, or one that names the limit that was reached.
    static IOException named(IOException failure, Path path) {
        String words = String.valueOf(failure.getMessage());
        if (words.contains("inotify watches")) {
            return new InotifyLimit(
                    "cannot watch " + path + ": the kernel watches no more folders for this user"
                            + " (raise the sysctl fs.inotify.max_user_watches, or ignore more folders)",
                    failure);
        }
        if (words.contains("inotify instances")) {
            return new InotifyLimit(
                    "cannot watch " + path + ": the kernel has no more inotify instances for this user, each watched"
                            + " app takes one (raise the sysctl fs.inotify.max_user_instances), or no more files can"
                            + " be opened (raise `ulimit -n`)",
                    failure);
        }
        return failure;
    }
}
