package io.pm2j.proxy.forward;

import org.jspecify.annotations.Nullable;

/// The deadlines of one event loop: a ring of lists, one for each tick to come.
///
/// A deadline that moves away costs nothing: who is found in a list too early tells the later time and is
/// put there. Only one that comes nearer is moved at once. So a connection that answers a thousand requests
/// a second is touched here a few times a minute, and an idle one once in its idle time.
final class Deadlines {
    /// Coarse, because every limit is in seconds, and a loop should sleep when nothing happens.
    static final long TICK_MS = 250;
    /// 128 seconds; what is later is looked at then and put away again.
    private static final int LISTS = 512;

    private final @Nullable Timed[] lists = new @Nullable Timed[LISTS];
    /// The last tick that was looked through.
    private long tick;

    Deadlines(long nowMs) {
        tick = nowMs / TICK_MS;
    }

    /// Makes sure that `who` is looked at by `atMs`, or within a tick after it.
    void by(Timed who, long atMs) {
        if (atMs < who.lookMs) {
            unlink(who);
            link(who, atMs);
        }
    }

    /// `who` is never looked at again, whatever is asked for.
    void leave(Timed who) {
        unlink(who);
        who.lookMs = Long.MIN_VALUE;
    }

    /// Looks at all whose time has come.
    void advance(long nowMs) {
        long last = nowMs / TICK_MS;
        // After a long sleep once round the ring is enough.
        tick = Math.max(tick, last - LISTS);
        while (tick < last) {
            tick++;
            int list = (int) (tick % LISTS);
            for (Timed who = lists[list]; who != null; who = lists[list]) {
                unlink(who);
                who.lookMs = Timed.NEVER;
                by(who, look(who, nowMs));
            }
        }
    }

    private static long look(Timed who, long nowMs) {
        try {
            return who.due(nowMs);
        } catch (RuntimeException e) {
            who.lookFailed(e);
            return Timed.NEVER;
        }
    }

    /// Never into the list that is looked through at the moment.
    private void link(Timed who, long atMs) {
        long wanted = (atMs + TICK_MS - 1) / TICK_MS;
        int list = (int) (Math.clamp(wanted, tick + 1, tick + LISTS - 1) % LISTS);
        Timed first = lists[list];
        who.list = list;
        who.lookMs = atMs;
        who.after = first;
        if (first != null) {
            first.before = who;
        }
        lists[list] = who;
    }

    private void unlink(Timed who) {
        if (who.list < 0) {
            return;
        }
        Timed previous = who.before;
        Timed next = who.after;
        if (previous == null) {
            lists[who.list] = next;
        } else {
            previous.after = next;
        }
        if (next != null) {
            next.before = previous;
        }
        who.before = null;
        who.after = null;
        who.list = -1;
    }
}
