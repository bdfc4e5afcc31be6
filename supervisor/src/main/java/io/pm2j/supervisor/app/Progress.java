package io.pm2j.supervisor.app;

import org.slf4j.Logger;

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

    /// What goes wrong is written to `log`.
    static Progress logging(Logger log) {
        return new Progress() {
            @Override
            public void info(String sentence) {}

            @Override
            public void warn(String sentence) {
                log.warn(sentence);
            }

            @Override
            public void error(String sentence) {
                log.error(sentence);
            }
        };
    }
}
