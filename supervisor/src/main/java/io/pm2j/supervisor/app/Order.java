package io.pm2j.supervisor.app;

import java.util.concurrent.CompletableFuture;

/// Something asked of an owner: run there, in its turn, with an answer.
///
/// An *urgent* order (stop, delete, close) ends the running flow early, with what was true before it kept.
record Order<T>(String what, boolean urgent, Flow<T> flow, CompletableFuture<T> answer) {
    /// Straight-line code on the owner's thread.
    @FunctionalInterface
    interface Flow<T> {
        T run() throws InterruptedException;
    }

    /// Runs the flow, then `before`, then answers: who asked finds everything as the answer says.
    void perform(Runnable before) throws InterruptedException {
        try {
            T result = flow.run();
            before.run();
            answer.complete(result);
        } catch (RuntimeException e) {
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
