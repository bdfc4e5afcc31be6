package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.supervisor.lifecycle.LifeEvent;
import io.pm2j.supervisor.node.NodeMessage;
import io.pm2j.supervisor.notify.NotifyMessage;
import io.pm2j.supervisor.process.ExitStatus;

/// What an owner finds in its mailbox.
sealed interface AppEvent {
    /// A worker's process ended.
    record Exited(Worker worker, ExitStatus status) implements AppEvent {}

    /// A worker's process ended, and what it had started too, or had its time to.
    record Gone(Worker worker, ExitStatus status) implements AppEvent {}

    /// A worker spoke on its channel.
    record Said(Worker worker, NodeMessage message) implements AppEvent {}

    /// A worker closed its channel but lives on: no connection can be handed to it any more.
    record ChannelClosed(Worker worker) implements AppEvent {}

    /// A worker spoke by sd_notify.
    record Notified(Worker worker, NotifyMessage message) implements AppEvent {}

    /// A worker was seen to listen at its private address.
    record Detected(Worker worker, Address.Tcp address) implements AppEvent {}

    /// A worker answered what it was asked before its first request.
    record Warmed(Worker worker) implements AppEvent {}

    /// A worker that must give signs of life had its time; `signs` is how many it had given when the clock began.
    record WatchdogDue(Worker worker, int signs) implements AppEvent {}

    /// A clock ran out, or nothing is in flight any more.
    record Life(Instance instance, LifeEvent event) implements AppEvent {}

    /// Somebody asks for something.
    record Asked(Order<?> order) implements AppEvent {}

    /// Something asks for a restart by itself.
    record Occasioned(Occasion occasion) implements AppEvent {}

    /// Something that a flow waits for may have happened elsewhere.
    record Nudge() implements AppEvent {}
}
