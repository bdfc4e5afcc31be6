package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is typed around a reload, with the real edge in front.
class RolloutIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void aPausedAppsRequestsWaitAndAreAnsweredOnResume() throws Exception {
        int port = product.start("hello");
        List<Long> before = product.pids("hello");

        product.run("pause", "hello").succeeds();
        assertThat(product.statuses("hello")).containsOnly("paused");
        CompletableFuture<Integer> waiting = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                waiting.complete(product.get(port, "/").statusCode());
            } catch (Exception e) {
                waiting.completeExceptionally(e);
            }
        });
        assertThat(product.pids("hello")).isEqualTo(before);
        assertThat(waiting).isNotDone();

        product.run("resume", "hello").succeeds();

        assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(200);
        assertThat(product.statuses("hello")).containsOnly("online");
    }

    @Test
    void reloadTakesItsTermsFromTheCommandLine() throws Exception {
        product.start("hello");
        List<Long> before = product.pids("hello");

        product.run("reload", "hello", "--parallel", "2", "--force").succeeds();

        assertThat(product.pids("hello")).hasSize(2).doesNotContainAnyElementsOf(before);
        assertThat(product.run("reload", "hello", "--parallel", "0").fails().all())
                .contains("--parallel 0 (expected: a number, at least 1)");
        assertThat(product.run("rollback", "hello").fails().all()).contains("has no generation before this one");
        assertThat(product.run("rollback", "nobody").fails().all()).contains("Application nobody not found");
    }
}
