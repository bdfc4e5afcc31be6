package io.pm2j.supervisor.app;

import io.pm2j.supervisor.node.NodeChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leaves word of a channel that a [DescriptorKeeper] has: a file is there while a message to the worker may have gone
/// in part. Whoever finds it ends the worker, which would take anything that follows for the rest.
record KeptChannel(DescriptorKeeper keeper, String token, Path mark) implements NodeChannel.Witness {
    private static final Logger LOG = LoggerFactory.getLogger(KeptChannel.class);

    @Override
    public void inPieces(boolean on) {
        try {
            if (on) {
                Files.createDirectories(mark.getParent());
                Files.write(mark, new byte[0]);
            } else {
                Files.deleteIfExists(mark);
            }
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("cause", e.toString()).log("no word is left of a long message");
        }
    }

    @Override
    public void closed() {
        keeper.release(Inheritance.channelName(token));
        inPieces(false);
    }
}
