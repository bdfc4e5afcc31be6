package io.pm2j.supervisor.lifecycle;

/// What an instance actually does, as opposed to what is [Wanted] of it. PM2's words are on screen; see [#word].
public enum Phase {
    /// Nothing runs, by wish.
    STOPPED("stopped"),
    /// A worker was started and is not up yet.
    LAUNCHING("launching"),
    /// The worker runs, and is not known to be ready: it gets no requests.
    ONLINE("online"),
    /// The worker may be given requests.
    READY("online"),
    /// The worker is drained, then asked to end, then killed.
    STOPPING("stopping"),
    /// A pause before the next start.
    WAITING_RESTART("waiting restart"),
    /// It ended too often, or cannot be started.
    ERRORED("errored"),
    /// It ended and is not wanted again: `autorestart: false`, or one of `stop_exit_codes`. PM2 knows the word
    /// `one-launch-status` and shows `stopped`.
    ONE_LAUNCH("stopped");

    private final String word;

    Phase(String word) {
        this.word = word;
    }

    /// PM2's word for it.
    public String word() {
        return word;
    }

    /// Whether nothing runs and nothing is about to.
    public boolean atRest() {
        return this == STOPPED || this == ERRORED || this == ONE_LAUNCH;
    }
}
