package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.supervisor.log.LogPump;
import io.pm2j.supervisor.node.NodeChannel;
import io.pm2j.supervisor.traffic.Reach;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// What an app's owner hands to its successor in the next program of this process, beside what
/// is in the journal: the descriptors of what runs, and how far its workers are.
public record AppHandover(String app, List<Listening> listens, List<Receiving> receives, List<Working> workers) {
    public AppHandover {
        listens = List.copyOf(listens);
        receives = List.copyOf(receives);
        workers = List.copyOf(workers);
    }

    /// What programs asked for, and the listener that was opened for it; `shared` is what the
    /// first of them brought.
    public record Listening(Address asked, int index, Address open, Optional<String> shared) {}

    /// A UDP socket that the workers share, at the place that a program asked for.
    public record Receiving(String type, String host, int port, int index, int socket, int actualPort) {
        /// The same by another number.
        Receiving as(int number) {
            return new Receiving(type, host, port, index, number, actualPort);
        }

        /// As [DatagramPlace#key].
        String key() {
            return new DatagramPlace(type, host, port, index).key();
        }
    }

    /// A worker that goes on. `pipes` are those that its output comes through.
    public record Working(
            String token,
            long id,
            boolean up,
            boolean withdrawn,
            String status,
            Optional<NodeChannel.Left> channel,
            List<LogPump.Left> pipes,
            List<Granted> grants,
            Map<String, Boolean> bindings,
            Watched watched) {
        public Working {
            pipes = List.copyOf(pipes);
            grants = List.copyOf(grants);
            bindings = Map.copyOf(bindings);
        }
    }

    /// What is known of a worker from its sd_notify(3) socket and from being asked first.
    ///
    /// @param warm whether it answered what it was asked before its first request
    /// @param clock whether it is to give signs of life
    /// @param every how often, when it said so itself
    /// @param socket where it says it
    public record Watched(boolean warm, boolean clock, Optional<Duration> every, OptionalInt socket) {}

    /// What a program has on a listener, by the key it was granted; `at` is where it listens by
    /// itself, if it does.
    public record Granted(String key, Address listener, boolean listening, Optional<Address> at) {
        static Granted of(String key, Address listener, boolean listening, Reach reach) {
            return new Granted(
                    key,
                    listener,
                    listening,
                    switch (reach) {
                        case Reach.At(Address address) -> Optional.of(address);
                        case Reach.Handed _ -> Optional.empty();
                    });
        }
    }

    /// The descriptors that must stay open.
    public Set<Integer> descriptors() {
        Set<Integer> all = new TreeSet<>();
        receives.forEach(one -> all.add(one.socket));
        for (Working worker : workers) {
            worker.channel.ifPresent(left -> {
                all.add(left.fd());
                left.unsent().stream()
                        .map(NodeChannel.Unsent::passedFd)
                        .filter(fd -> fd >= 0)
                        .forEach(all::add);
            });
            worker.watched.socket().ifPresent(all::add);
            worker.pipes.forEach(pipe -> all.add(pipe.pipe()));
        }
        return all;
    }
}
