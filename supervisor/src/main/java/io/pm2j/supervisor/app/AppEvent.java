package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.supervisor.node.NodeMessage;
import io.pm2j.supervisor.process.ExitStatus;

/// What an owner finds in its mailbox.
sealed interface AppEvent {
    /// A worker's process ended.
    record Exited(Worker worker, ExitStatus status) implements AppEvent {}

    /// A worker spoke on its channel.
    record Said(Worker worker, NodeMessage message) implements AppEvent {}

    /// A worker closed its channel but lives on: no connection can be handed to it any more.
    record ChannelClosed(Worker worker) implements AppEvent {}

    /// A worker was seen to listen at its private address.
    record Detected(Worker worker, Address.Tcp address) implements AppEvent {}

    /// The pause before a restart is over.
    record RestartDue(Instance instance, long ticket) implements AppEvent {}

    /// Somebody asks for something.
    record Asked(Order<?> order) implements AppEvent {}

    /// Something that a flow waits for may have happened elsewhere.
    record Nudge() implements AppEvent {}
}
