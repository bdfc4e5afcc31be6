package io.pm2j.supervisor.lifecycle;

/// What the operator wants of an instance.
public enum Wanted {
    UP,
    DOWN
}
