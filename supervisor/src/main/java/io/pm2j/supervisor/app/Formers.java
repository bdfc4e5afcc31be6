package io.pm2j.supervisor.app;

import io.pm2j.config.spec.StopSpec;
import io.pm2j.supervisor.app.AppRecord.WorkerRecord;
import io.pm2j.supervisor.process.ProcessIdentity;
import io.pm2j.supervisor.process.ProcessTree;
import io.pm2j.supervisor.process.Signal;
import java.util.ArrayList;
import java.util.List;

/// What a daemon that was killed has left of an app's workers and cannot be kept. It ends before anything is started in
/// its place: nothing runs twice. Confined to the app's owner.
final class Formers {
    private final List<Former> formers = new ArrayList<>();

    private record Former(ProcessIdentity identity, String token) {}

    /// Asks a worker to end as the app wants to be asked. Of one that is gone already, what it left behind ends.
    void end(WorkerRecord record, StopSpec stop) {
        ProcessIdentity identity = ProcessIdentity.parse(record.identity()).orElse(null);
        if (identity == null) {
            ProcessTree.killMarked(record.token());
            return;
        }
        if (!identity.alive()) {
            killLeftovers(identity, record.token(), stop);
        } else if (stop.wholeTree()) {
            ProcessTree.signal(identity.pid(), record.token(), Signal.valueOf(stop.signal()));
        } else {
            ProcessTree.signalOne(identity.pid(), Signal.valueOf(stop.signal()));
        }
        formers.add(new Former(identity, record.token()));
    }

    boolean gone() {
        return formers.stream().noneMatch(former -> former.identity.alive());
    }

    /// Ends whatever has not.
    void kill(StopSpec stop) {
        for (Former former : formers) {
            if (!former.identity.alive()) {
                killLeftovers(former.identity, former.token, stop);
            } else if (stop.wholeTree()) {
                ProcessTree.signal(former.identity.pid(), former.token, Signal.SIGKILL);
            } else {
                ProcessTree.signalOne(former.identity.pid(), Signal.SIGKILL);
            }
        }
        formers.clear();
    }

    private static void killLeftovers(ProcessIdentity identity, String token, StopSpec stop) {
        if (stop.wholeTree()) {
            ProcessTree.killLeftovers(identity.pid(), token);
        }
    }
}
