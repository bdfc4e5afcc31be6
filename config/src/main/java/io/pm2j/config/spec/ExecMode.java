package io.pm2j.config.spec;

/// How the workers of an app meet their clients. PM2: `exec_mode`.
public enum ExecMode {
    /// The app binds its own port; `instances` independent processes.
    FORK("fork_mode"),
    /// The edge listens and shares requests out among the workers.
    CLUSTER("cluster_mode");

    private final String pm2Text;

    ExecMode(String pm2Text) {
        this.pm2Text = pm2Text;
    }

    /// PM2's spelling in `jlist`: `fork_mode` or `cluster_mode`.
    public String pm2Text() {
        return pm2Text;
    }
}
