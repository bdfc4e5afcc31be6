package io.pm2j.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves a child process behind, and ends the child so that the next test is not blamed.
public final class NoChildrenLeft implements AfterEachCallback {
    @Override
    public void afterEach(ExtensionContext context) {
        var left = ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .toList();
        left.forEach(ProcessHandle::destroyForcibly);
        left.forEach(child -> child.onExit()
                .orTimeout(5, TimeUnit.SECONDS)
                .exceptionally(_ -> child)
                .join());
        assertThat(left).as("processes left behind").isEmpty();
    }
}
