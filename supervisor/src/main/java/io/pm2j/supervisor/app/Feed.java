package io.pm2j.supervisor.app;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// What happens, for whoever follows. A follower that is slower loses the newest; nobody is slowed. Thread-safe.
public final class Feed<T> {
    private static final int MOST_WAITING = 1_000;

    private final List<Follower<T>> followers = new CopyOnWriteArrayList<>();

    /// Passes `news` to every follower; never blocks.
    void publish(T news) {
        followers.forEach(follower -> {
            boolean _ = follower.waiting.offer(news);
        });
    }

    /// Follows from now on, until closed.
    public Follower<T> follow() {
        Follower<T> follower = new Follower<>(this);
        followers.add(follower);
        return follower;
    }

    /// One who follows.
    public static final class Follower<T> implements AutoCloseable {
        private final Feed<T> feed;
        private final BlockingQueue<T> waiting = new ArrayBlockingQueue<>(MOST_WAITING);

        private Follower(Feed<T> feed) {
            this.feed = feed;
        }

        /// The next news; waits for them.
        public T next() throws InterruptedException {
            return waiting.take();
        }

        /// The next news; nothing when there are none within `limit`.
        public Optional<T> next(Duration limit) throws InterruptedException {
            return Optional.ofNullable(waiting.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
        }

        @Override
        public void close() {
            feed.followers.remove(this);
        }
    }
}
