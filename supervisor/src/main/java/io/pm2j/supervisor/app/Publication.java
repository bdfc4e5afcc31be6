package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import java.util.Optional;

/// What others see of an app: the snapshot for whoever looks, and the record for the journal. Written by the app's
/// owner; read by any thread.
final class Publication {
    private final AppName name;
    private final Workforce workforce;
    private final AppJournal journal;
    private final Edition edition;
    private final Places places;
    private final Canaries canaries;
    private final AppListeners listeners;
    private final Admission admission;
    private boolean closed;
    /// The journal could not take what is true now.
    private boolean unwritten = true;
    /// What is remembered; nothing once the app is deleted.
    private volatile Optional<AppRecord> kept;
    private volatile AppSnapshot snapshot;

    Publication(
            AppRecord record,
            Workforce workforce,
            AppJournal journal,
            Edition edition,
            Places places,
            Canaries canaries,
            AppListeners listeners,
            Admission admission) {
        this.name = record.spec().name();
        this.workforce = workforce;
        this.journal = journal;
        this.edition = edition;
        this.places = places;
        this.canaries = canaries;
        this.listeners = listeners;
        this.admission = admission;
        this.kept = Optional.of(record);
        this.snapshot = picture(workforce.home(), edition, places, canaries, listeners, admission);
    }

    /// Any thread.
    AppSnapshot snapshot() {
        return snapshot;
    }

    /// Any thread.
    Optional<AppRecord> record() {
        return kept;
    }

    /// Brings the snapshot and the journal up to what is true now.
    ///
    /// @return whether that is to be tried again, as the journal could not take it
    boolean update() {
        AppSnapshot before = snapshot;
        snapshot = picture(workforce.home(), edition, places, canaries, listeners, admission);
        workforce.happened(before, snapshot);
        AppRecord record = AppRecord.of(
                edition.spec(),
                edition.generation(),
                edition.newest(),
                places.instances(),
                canaries.instances(),
                admission.paused(),
                edition.generations(),
                workforce.keeps() ? listeners.sockets() : AppRecord.Sockets.NONE);
        if (closed || places.instances().isEmpty() || !unwritten && kept.equals(Optional.of(record))) {
            return false;
        }
        kept = Optional.of(record);
        unwritten = !journal.keep(record);
        return unwritten;
    }

    /// The app is deleted: nothing is remembered of it.
    void close() {
        closed = true;
        kept = Optional.empty();
        journal.forget(name);
    }

    private static AppSnapshot picture(
            SupervisorHome home,
            Edition edition,
            Places places,
            Canaries canaries,
            AppListeners listeners,
            Admission admission) {
        return AppSnapshot.of(
                edition.spec(),
                edition.version(),
                home,
                places.instances(),
                listeners.names(),
                edition.watching(),
                admission.paused(),
                canaries,
                edition.shown());
    }
}
