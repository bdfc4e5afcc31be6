package io.pm2j.supervisor.process;

/// A process that was just started, and the ends of its streams that are ours.
///
/// `output` and `errors` are read ends of pipes. `channel` is our end of the socket pair that the child has
/// as descriptor 3, or -1. Whoever takes a descriptor closes it.
public record Child(int pid, int output, int errors, int channel) {}
