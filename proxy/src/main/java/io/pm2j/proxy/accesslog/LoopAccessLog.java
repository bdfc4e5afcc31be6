package io.pm2j.proxy.accesslog;

import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// An event loop's part of an access log. Everything here is the loop's alone unless it says
/// otherwise; nothing waits, and a line allocates nothing.
///
/// Lines are formatted into a block, which goes to the writer when it is full or [#TICK_MS] old.
/// A loop with [#BEHIND] blocks at the writer is *behind*: connections stop reading requests,
/// while those under way still have room, up to [#MOST] blocks. Beyond that, lines are lost, and
/// counted.
public final class LoopAccessLog {
    static final int BEHIND = 8;
    static final int MOST = 64;
    private static final int MOST_SPARE_RECORDS = 256;
    private static final long TICK_MS = 200;

    private final AccessLog log;
    private final ScheduledExecutorService loop;
    private final LineFormat format;
    private final Set<Field> shows;
    private final Stamp stamp = new Stamp();
    private final Runnable tick = this::tick;
    private final Runnable resume = this::resume;

    private final Deque<AccessRecord> records = new ArrayDeque<>();
    private final Deque<Block> spare = new ArrayDeque<>();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private @Nullable Block current;
    /// Records that were begun and have not ended.
    private int open;
    /// Blocks at the writer, or on their way there or back.
    private int out;

    private boolean ticking;
    private boolean retiring;
    private boolean sealed;

    /// Written blocks come back here from the writer's thread.
    private final Queue<Block> written = new ConcurrentLinkedQueue<>();
    /// Somebody waits for a block to come back.
    private volatile boolean awaited;
    /// The loop's to write, anybody's to read.
    private final AtomicLong lost = new AtomicLong();

    LoopAccessLog(AccessLog log, ScheduledExecutorService loop, LineFormat format) {
        this.log = log;
        this.loop = loop;
        this.format = format;
        shows = EnumSet.copyOf(format.shows());
    }

    boolean wants(Field field) {
        return shows.contains(field);
    }

    /// A record of a request that begins now. It has to be ended or dropped.
    public AccessRecord begin() {
        AccessRecord known = records.pollLast();
        AccessRecord record = known == null ? new AccessRecord(this) : known;
        record.begin(System.currentTimeMillis(), System.nanoTime());
        open++;
        return record;
    }

    /// Whether the next request should not be read yet, since the file does not keep up. It never
    /// stays so when the file takes nothing at all: then lines are lost instead.
    public boolean behind() {
        return out >= BEHIND && stillBehind();
    }

    private boolean stillBehind() {
        reclaim();
        return out >= BEHIND && !sealed && log.moves();
    }

    /// Runs `then` once on this loop, when it is no longer behind, in the order they came.
    public void whenCaughtUp(Runnable then) {
        waiting.addLast(then);
        awaited = true;
        tickLater();
    }

    void write(AccessRecord record) {
        Block into = roomFor(record.mostBytes());
        if (into == null) {
            lost.lazySet(lost.getPlain() + 1);
        } else {
            format.line(record, stamp, into);
            tickLater();
        }
        giveBack(record);
    }

    void giveBack(AccessRecord record) {
        if (records.size() < MOST_SPARE_RECORDS) {
            records.addLast(record);
        }
        if (--open == 0 && retiring) {
            seal();
        }
    }

    private @Nullable Block roomFor(int bytes) {
        Block now = current;
        if (now != null && now.room() >= bytes) {
            return now;
        }
        handOver();
        now = sealed ? null : fresh();
        current = now;
        return now;
    }

    private @Nullable Block fresh() {
        reclaim();
        Block used = spare.pollLast();
        if (used != null) {
            return used;
        }
        return out < MOST ? new Block(this) : null;
    }

    private void reclaim() {
        for (Block back = written.poll(); back != null; back = written.poll()) {
            out--;
            if (spare.size() <= BEHIND) {
                spare.addLast(back);
            }
        }
    }

    private void handOver() {
        Block full = current;
        current = null;
        if (full != null) {
            out++;
            log.take(full);
        }
    }

    private void tickLater() {
        if (ticking) {
            return;
        }
        ticking = true;
        try {
            loop.schedule(tick, TICK_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The loop is ending; what it still has to say goes out at once.
            ticking = false;
            handOver();
        }
    }

    private void tick() {
        ticking = false;
        reclaim();
        // A writer that is busy gets full blocks only.
        if (out == 0) {
            handOver();
        }
        resume();
        if (current != null || !waiting.isEmpty()) {
            tickLater();
        }
    }

    private void resume() {
        awaited = false;
        for (int n = waiting.size(); n > 0 && !behind(); n--) {
            Runnable next = waiting.pollFirst();
            if (next != null) {
                next.run();
            }
        }
        awaited = !waiting.isEmpty();
    }

    /// The writer's thread: gives a block back, empty.
    void back(Block block) {
        block.clear();
        written.add(block);
        if (awaited) {
            awaited = false;
            try {
                loop.execute(resume);
            } catch (RejectedExecutionException e) {
                AccessLog.LOG.debug("nothing waits on a loop that has ended", e);
            }
        }
    }

    /// Any thread: how many lines found no room.
    long lost() {
        return lost.getAcquire();
    }

    /// Ends when the records under way have ended.
    void retire() {
        retiring = true;
        if (open == 0) {
            seal();
        }
    }

    /// Gives what there is to the writer.
    public void flush() {
        handOver();
    }

    /// Takes no further line.
    void seal() {
        if (!sealed) {
            sealed = true;
            handOver();
            resume();
            log.sealed();
        }
    }
}
