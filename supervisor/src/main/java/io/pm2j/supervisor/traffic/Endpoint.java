package io.pm2j.supervisor.traffic;

import io.pm2j.config.Address;

/// One worker behind one of its app's listeners.
///
/// `listener` is the address as [TrafficGate#open] returned it; `worker` is unique for the life
/// of the daemon and shared by the endpoints of one worker.
public record Endpoint(Address listener, long worker, Reach reach) {}
