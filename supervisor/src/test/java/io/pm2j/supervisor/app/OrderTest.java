package io.pm2j.supervisor.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Whoever asks is answered.
class OrderTest {
    private static <T> Order<T> order(Order.Flow<T> flow) {
        return new Order<>("test", Order.Precedence.WAITS, flow, new CompletableFuture<>());
    }

    @Test
    void isAnsweredAfterWhatComesBefore() throws Exception {
        Order<String> order = order(() -> "done");
        AtomicBoolean before = new AtomicBoolean();
        order.perform(() -> before.set(!order.answer().isDone()));

        assertThat(order.answer()).isCompletedWithValue("done");
        assertThat(before).isTrue();
    }

    @Test
    void isAnsweredWhateverIsThrown() throws Exception {
        Order<String> order = order(() -> {
            throw new NoClassDefFoundError("gone");
        });
        order.perform(() -> {});

        assertThatThrownBy(order.answer()::join).hasCauseInstanceOf(NoClassDefFoundError.class);
    }
}
