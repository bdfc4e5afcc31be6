package io.pm2j.supervisor.traffic;

import io.pm2j.config.Address;

/// One worker behind one of its app's listeners.
///
/// `listener` is the address as [TrafficGate#open] returned it; `worker` is unique for the life
/// of the daemon and shared by the endpoints of one worker. `instance` is the number of the place it
/// has in its app, which its successors will have too.
public record Endpoint(Address listener, long worker, int instance, Reach reach) {}
