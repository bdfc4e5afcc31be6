package io.pm2j.supervisor.process;

import io.pm2j.config.spec.ProcessSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Real children for tests, all of them ended at the end.
final class Children {
    static final Map<String, String> ENV = Map.of("PATH", "/usr/local/bin:/usr/bin:/bin");

    /// One child, and its end.
    record Started(Child child, CompletableFuture<ExitStatus> exit) {
        int pid() {
            return child.pid();
        }

        ExitStatus ended() throws Exception {
            return exit.get(60, TimeUnit.SECONDS);
        }
    }

    private final Poller poller = new Poller("test");
    private final Launcher launcher = new Launcher(poller);
    private final List<Started> all = new ArrayList<>();
    private final Path folder;

    Children(Path folder) {
        this.folder = folder;
    }

    Launcher launcher() {
        return launcher;
    }

    Poller poller() {
        return poller;
    }

    /// A shell with a marker.
    Started shell(String token, String script) throws IOException {
        Map<String, String> env = new HashMap<>(ENV);
        env.put(ProcessTable.WORKER_VARIABLE, token);
        return start(List.of("/bin/sh", "-c", script), env, ProcessSpec.DEFAULT);
    }

    Started start(List<String> command, Map<String, String> env, ProcessSpec process) throws IOException {
        CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
        Child child = launcher.launch(new LaunchPlan(command, env, folder, false, process), exit::complete);
        Started started = new Started(child, exit);
        all.add(started);
        return started;
    }

    /// All that the child wrote until its last member ended.
    static String output(Started started) throws IOException {
        return drain(started.child.output());
    }

    static String drain(int fd) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] some = Posix.receive(fd); some == null || some.length > 0; some = Posix.receive(fd)) {
            if (some != null) {
                bytes.write(some);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    void close() throws Exception {
        for (Started started : all) {
            if (!started.exit.isDone()) {
                ProcessTree.signal(started.pid(), Signal.SIGKILL);
            }
            started.ended();
            Posix.close(started.child.output());
            Posix.close(started.child.errors());
        }
        poller.close();
    }
}
