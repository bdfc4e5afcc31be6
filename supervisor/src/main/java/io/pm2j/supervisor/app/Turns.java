package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.app.Order.Precedence;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One thing after the other in an app: the mailbox, and the orders that wait for their turn.
///
/// Any thread may [#tell] and [#ask]; all the rest is the owner's thread alone, which [#run] makes of the one that
/// calls it. A flow that waits empties the mailbox meanwhile, and orders stay where they are until it is done.
final class Turns {
    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);

    private final AppName name;
    private final Consumer<AppEvent> happen;
    private final Runnable publish;
    private final BlockingQueue<AppEvent> mailbox = new LinkedBlockingQueue<>();
    private final Deque<Order<?>> orders = new ArrayDeque<>();
    private boolean closed;
    private boolean busy;
    private volatile boolean ended;

    /// `happen` handles an event, and `publish` lets others see what is true then.
    Turns(AppName name, Consumer<AppEvent> happen, Runnable publish) {
        this.name = name;
        this.happen = happen;
        this.publish = publish;
    }

    // --- any thread ------------------------------------------------------------------------------------------

    void tell(AppEvent event) {
        mailbox.add(event);
    }

    <T> CompletableFuture<T> ask(String what, Precedence precedence, Order.Flow<T> flow) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Order<T> order = new Order<>(what, precedence, flow, answer);
        mailbox.add(new AppEvent.Asked(order));
        if (ended) {
            order.refuse(gone());
        }
        return answer;
    }

    // --- the owner's thread ----------------------------------------------------------------------------------

    /// Handles whatever comes, until [#close].
    void run() {
        try {
            while (!closed) {
                take(mailbox.take());
                Order<?> order;
                while (!closed && (order = orders.poll()) != null) {
                    busy = true;
                    order.perform(publish);
                    busy = false;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("app", name).setCause(e).log("the owner of the app ended");
        } finally {
            ended = true;
        }
    }

    /// Nothing more is done, once the order that runs is answered.
    void close() {
        closed = true;
    }

    boolean closed() {
        return closed;
    }

    /// Tells all who wait that nobody will come to them.
    void refuseWhatIsLeft() {
        AppEvent left;
        while ((left = mailbox.poll()) != null) {
            if (left instanceof AppEvent.Asked(Order<?> order)) {
                orders.add(order);
            }
        }
        Order<?> order;
        while ((order = orders.poll()) != null) {
            order.refuse(gone());
        }
    }

    private String gone() {
        return "app " + name + " is gone";
    }

    /// The order waits for its turn.
    void queue(Order<?> order) {
        orders.add(order);
    }

    /// As [#queue], for something that the owner itself wants done and nobody waits for.
    <T> void queue(String what, Order.Flow<T> flow) {
        orders.add(new Order<>(what, Precedence.WAITS, flow, new CompletableFuture<>()));
    }

    /// Handles what has come so far.
    void takeWhatCame() {
        AppEvent event;
        while ((event = mailbox.poll()) != null) {
            take(event);
        }
    }

    /// Empties the mailbox until `done`, an order that this gives way to, or the limit; the answer is `done`.
    boolean await(BooleanSupplier done, Duration limit, Predicate<Order<?>> givesWayTo) throws InterruptedException {
        publish.run();
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (!done.getAsBoolean()) {
            if (orders.stream().anyMatch(givesWayTo)) {
                return false;
            }
            long left = deadlineNanos - System.nanoTime();
            AppEvent event = left <= 0 ? null : mailbox.poll(left, TimeUnit.NANOSECONDS);
            if (event == null) {
                return done.getAsBoolean();
            }
            take(event);
        }
        return true;
    }

    /// Lets others see what is true now.
    void publish() {
        publish.run();
    }

    /// Whether an order waits.
    boolean waiting() {
        return !orders.isEmpty();
    }

    /// Whether an order waits or is under way.
    boolean underWay() {
        return busy || waiting();
    }

    /// Whether the flow that runs is to end early.
    boolean urgent() {
        return orders.stream().anyMatch(Order::urgent);
    }

    /// Why a rollout is to give way; nothing when it is not.
    Optional<String> cutShort() {
        return orders.stream().filter(Order::cutsShort).findFirst().map(Order::reason);
    }

    /// A fault in one event must not leave the app without its owner.
    private void take(AppEvent event) {
        try {
            happen.accept(event);
            publish.run();
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("app", name).setCause(e).log("an event could not be handled");
        }
    }
}
