package io.pm2j.supervisor.app;

import java.util.concurrent.CompletableFuture;

/// Something asked of an owner: run there, in its turn, with an answer.
record Order<T>(String what, Precedence precedence, Flow<T> flow, CompletableFuture<T> answer) {
    /// What an order that has to wait does to the flow that runs.
    enum Precedence {
        WAITS,
        /// Cuts a rollout short: it brings a newer spec. What was replaced meanwhile is replaced again.
        SUPERSEDES,
        /// Ends the running flow early, with what was true before it kept: stop, delete, close.
        URGENT
    }

    /// Straight-line code on the owner's thread.
    @FunctionalInterface
    interface Flow<T> {
        T run() throws InterruptedException;
    }

    boolean urgent() {
        return precedence == Precedence.URGENT;
    }

    /// Whether a rollout gives way to it.
    boolean cutsShort() {
        return precedence != Precedence.WAITS;
    }

    /// Why the flow that runs is cut short, for whoever asked for that one.
    String reason() {
        return switch (precedence) {
            case WAITS, URGENT -> "another command came in between (" + what + ")";
            case SUPERSEDES -> "a newer spec was given (" + what + ")";
        };
    }

    /// Runs the flow, then `before`, then answers: who asked finds everything as the answer says.
    void perform(Runnable before) throws InterruptedException {
        try {
            T result = flow.run();
            before.run();
            answer.complete(result);
        } catch (RuntimeException | Error e) {
            // Also a class that cannot be loaded: whoever asked must not wait for ever, and the next order is run.
            answer.completeExceptionally(e);
        } catch (InterruptedException e) {
            answer.completeExceptionally(e);
            throw e;
        }
    }

    /// Says that nobody will run it.
    void refuse(String why) {
        answer.completeExceptionally(new IllegalStateException(why));
    }
}
