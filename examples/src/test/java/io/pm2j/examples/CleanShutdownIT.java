package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is there after the end: nothing.
class CleanShutdownIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void killLeavesNoProcessNoSocketAndNoPort() throws Exception {
        int port = product.start("hello");
        assertThat(Processes.of(product.home())).hasSizeGreaterThanOrEqualTo(3);

        product.run("kill").succeeds();

        Product.eventually("all gone", () -> Processes.of(product.home()).size(), size -> size == 0);
        assertThat(Product.listens(port)).isFalse();
    }

    @Test
    void aDaemonToldToTerminateTakesItsWorkersAlong() throws Exception {
        product.start("hello");
        var workers = product.pids("hello");
        long daemon = Processes.of(product.home()).stream()
                .filter(pid -> !workers.contains(pid))
                .findFirst()
                .orElseThrow();

        ProcessHandle.of(daemon).orElseThrow().destroy();

        Product.eventually("all gone", () -> Processes.of(product.home()).size(), size -> size == 0);
    }
}
