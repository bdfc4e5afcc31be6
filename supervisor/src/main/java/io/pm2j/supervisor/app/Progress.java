package io.pm2j.supervisor.app;

/// Whoever asked for something hears here how it goes. Called on the owner's thread; must not block for long.
public interface Progress {
    void info(String sentence);

    void warn(String sentence);

    void error(String sentence);

    /// Nobody listens.
    Progress SILENT = new Progress() {
        @Override
        public void info(String sentence) {}

        @Override
        public void warn(String sentence) {}

        @Override
        public void error(String sentence) {}
    };
}
