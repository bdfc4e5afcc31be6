package io.pm2j.supervisor.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// All apps standing still, between two programs of one process: exits, messages and output are
/// not looked at, and wait in the kernel; no owner does anything.
///
/// Owners that have something under way object; then all go on at once.
public final class Stillness {
    private static final long LOOK_AGAIN_MILLIS = 20;
    private static final Duration LONGEST_TURN = Duration.ofSeconds(2);

    private final CompletableFuture<Boolean> over;
    private final Workforce workforce;
    private final List<AppHandover> apps;
    private final List<String> objections;

    private Stillness(
            CompletableFuture<Boolean> over, Workforce workforce, List<AppHandover> apps, List<String> objections) {
        this.over = over;
        this.workforce = workforce;
        this.apps = apps;
        this.objections = objections;
    }

    /// What the apps hand on.
    public List<AppHandover> apps() {
        return apps;
    }

    /// Why it could not be; then nothing stands still.
    public List<String> objections() {
        return objections;
    }

    /// Everything goes on as before.
    public void end() {
        if (over.complete(true)) {
            workforce.resume();
        }
    }

    /// Tries until nobody objects, or `limit` has passed.
    public static Stillness begin(Collection<AppOwner> owners, Workforce workforce, Duration limit)
            throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (true) {
            Stillness still = once(owners, workforce, deadlineNanos);
            if (still.objections.isEmpty() || System.nanoTime() > deadlineNanos) {
                return still;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        }
    }

    private static Stillness once(Collection<AppOwner> owners, Workforce workforce, long deadlineNanos)
            throws InterruptedException {
        List<String> busy = unfinished(owners, deadlineNanos);
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        if (!busy.isEmpty()) {
            over.complete(true);
            return new Stillness(over, workforce, List.of(), busy);
        }
        workforce.pause();
        try {
            return standing(owners, workforce, over);
        } catch (InterruptedException | RuntimeException e) {
            over.complete(true);
            workforce.resume();
            throw e;
        }
    }

    private static Stillness standing(Collection<AppOwner> owners, Workforce workforce, CompletableFuture<Boolean> over)
            throws InterruptedException {
        List<AppHandover> apps = new ArrayList<>();
        List<String> objections = new ArrayList<>();
        List<CompletableFuture<Succession.Handing>> answers =
                owners.stream().map(owner -> owner.hand(over)).toList();
        long endNanos = System.nanoTime() + LONGEST_TURN.toNanos();
        for (CompletableFuture<Succession.Handing> answer : answers) {
            switch (await(answer, endNanos)) {
                case Succession.Handing.Ready(AppHandover what) -> apps.add(what);
                case Succession.Handing.Busy(String why) -> objections.add(why);
                case Succession.Handing.Gone _ -> {}
            }
        }
        Stillness still = new Stillness(over, workforce, List.copyOf(apps), List.copyOf(objections));
        if (!objections.isEmpty()) {
            still.end();
        }
        return still;
    }

    /// Owners whose orders take longer than the time that is left; workers are noticed
    /// meanwhile, so that they can end.
    private static List<String> unfinished(Collection<AppOwner> owners, long deadlineNanos)
            throws InterruptedException {
        List<String> names = new ArrayList<>();
        for (AppOwner owner : owners) {
            CompletableFuture<Boolean> free = owner.comeToTurn();
            try {
                long left = deadlineNanos - System.nanoTime();
                boolean _ = free.get(Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                names.add("App [" + owner.snapshot().spec().name() + "] has a command under way");
            } catch (ExecutionException e) {
                // it is gone
            }
        }
        return names;
    }

    private static Succession.Handing await(CompletableFuture<Succession.Handing> answer, long endNanos)
            throws InterruptedException {
        try {
            return answer.get(Math.max(endNanos - System.nanoTime(), 0), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new Succession.Handing.Busy("an app did not come to its turn");
        } catch (ExecutionException e) {
            return new Succession.Handing.Gone();
        }
    }
}
