package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;

/// Where owners write down what must outlive the daemon. A call returns when it is safe on disk;
/// one that fails is said in the log and breaks nothing.
public interface AppJournal {
    /// Remembers nothing.
    AppJournal NONE = new AppJournal() {
        @Override
        public boolean keep(AppRecord record) {
            return true;
        }

        @Override
        public void forget(AppName name) {
            // nothing was remembered
        }
    };

    /// Replaces what is known of the app.
    ///
    /// @return whether it was written
    boolean keep(AppRecord record);

    /// The app was deleted.
    void forget(AppName name);
}
