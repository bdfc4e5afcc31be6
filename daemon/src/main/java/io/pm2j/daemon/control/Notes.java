package io.pm2j.daemon.control;

import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.Level;
import io.pm2j.supervisor.control.ReplySink;
import java.io.IOException;

/// Passes progress on as notes. A client that hung up does not stop what it asked for.
public record Notes(ReplySink replies) implements Progress {
    @Override
    public void info(String sentence) {
        send(Level.INFO, sentence);
    }

    @Override
    public void warn(String sentence) {
        send(Level.WARN, sentence);
    }

    @Override
    public void error(String sentence) {
        send(Level.ERROR, sentence);
    }

    private void send(Level level, String sentence) {
        try {
            replies.send(new ControlReply.Note(level, sentence));
        } catch (IOException e) {
            // nobody listens any more
        }
    }
}
