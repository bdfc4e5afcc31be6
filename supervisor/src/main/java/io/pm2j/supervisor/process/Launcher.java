package io.pm2j.supervisor.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.pm2j.supervisor.process.Posix.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.function.Consumer;

/// Starts processes by `posix_spawn`: own session, signals at their defaults, no descriptor but those meant
/// for them, and reports how each ended.
public final class Launcher {
    private static final MethodHandle SPAWN = Posix.link(
            "posix_spawn", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle ACTIONS_INIT = onePointer("posix_spawn_file_actions_init");
    private static final MethodHandle ACTIONS_DESTROY = onePointer("posix_spawn_file_actions_destroy");
    private static final MethodHandle ADD_DUP2 = Posix.link(
            "posix_spawn_file_actions_adddup2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle ADD_OPEN = Posix.link(
            "posix_spawn_file_actions_addopen",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle ADD_CHDIR =
            Posix.link("posix_spawn_file_actions_addchdir_np", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle ADD_CLOSEFROM =
            Posix.link("posix_spawn_file_actions_addclosefrom_np", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle ATTRIBUTES_INIT = onePointer("posix_spawnattr_init");
    private static final MethodHandle ATTRIBUTES_DESTROY = onePointer("posix_spawnattr_destroy");
    private static final MethodHandle SET_FLAGS =
            Posix.link("posix_spawnattr_setflags", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_SHORT));
    private static final MethodHandle SET_MASK =
            Posix.link("posix_spawnattr_setsigmask", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SET_DEFAULTS =
            Posix.link("posix_spawnattr_setsigdefault", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

    private static final short SETSIGDEF_SETSIGMASK_SETSID = 0x04 | 0x08 | 0x80;
    private static final int FILE_ACTIONS_BYTES = 128;
    private static final int ATTRIBUTES_BYTES = 512;
    private static final int SIGNAL_SET_BYTES = 128;
    /// Every signal but SIGKILL, SIGSTOP, and the two that glibc keeps for itself (32, 33).
    private static final long DEFAULTED_SIGNALS = 0x7fff_ffffL & ~(1L << 8) & ~(1L << 18);

    private final Poller exits;

    /// `exits` is the poller whose thread reports exits.
    public Launcher(Poller exits) {
        this.exits = exits;
    }

    /// Starts a process. `onExit` is called once, on the poller's thread.
    ///
    /// @throws IOException when the program cannot be executed; nothing is left behind
    public Child launch(LaunchPlan plan, Consumer<ExitStatus> onExit) throws IOException {
        int[] output = Posix.pipe();
        int[] errors = null;
        int[] channel = null;
        boolean started = false;
        try {
            errors = Posix.pipe();
            channel = plan.channel() ? Posix.socketPair(false) : null;
            int pid = spawn(plan, output[1], errors[1], channel == null ? -1 : channel[1]);
            reportExit(pid, onExit);
            started = true;
            return new Child(pid, output[0], errors[0], channel == null ? -1 : channel[0]);
        } finally {
            closeEnds(output, started);
            closeEnds(errors, started);
            closeEnds(channel, started);
        }
    }

    private static void closeEnds(int @org.jspecify.annotations.Nullable [] pair, boolean keepOurs) {
        if (pair != null) {
            Posix.close(pair[1]);
            if (!keepOurs) {
                Posix.close(pair[0]);
            }
        }
    }

    private void reportExit(int pid, Consumer<ExitStatus> onExit) throws Errno {
        int pidfd = Posix.pidfdOpen(pid);
        exits.watch(pidfd, writable -> {
            exits.forget(pidfd);
            ExitStatus status = Posix.reap(pidfd);
            Posix.close(pidfd);
            onExit.accept(status);
        });
    }

    private static int spawn(LaunchPlan plan, int output, int errors, int channel) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(FILE_ACTIONS_BYTES, 8);
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 8);
            check("posix_spawn_file_actions_init", (int) ACTIONS_INIT.invokeExact(actions));
            check("posix_spawnattr_init", (int) ATTRIBUTES_INIT.invokeExact(attributes));
            try {
                ownSessionAndSignals(arena, attributes);
                // The order matters: a source may have the number of a later target, never of an earlier one.
                check("stdin", (int) ADD_OPEN.invokeExact(actions, 0, arena.allocateFrom("/dev/null"), 0, 0));
                check("stdout", (int) ADD_DUP2.invokeExact(actions, output, 1));
                check("stderr", (int) ADD_DUP2.invokeExact(actions, errors, 2));
                if (channel >= 0) {
                    check("channel", (int) ADD_DUP2.invokeExact(actions, channel, 3));
                }
                check("closefrom", (int) ADD_CLOSEFROM.invokeExact(actions, channel >= 0 ? 4 : 3));
                check("cwd", (int) ADD_CHDIR.invokeExact(
                        actions, arena.allocateFrom(plan.cwd().toString())));
                List<String> env = plan.env().entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .toList();
                MemorySegment pid = arena.allocate(JAVA_INT);
                String program = plan.command().getFirst();
                int result = (int) SPAWN.invokeExact(
                        pid,
                        arena.allocateFrom(program),
                        actions,
                        attributes,
                        strings(arena, plan.command()),
                        strings(arena, env));
                check(program, result);
                return pid.get(JAVA_INT, 0);
            } finally {
                int _ = (int) ACTIONS_DESTROY.invokeExact(actions);
                int _ = (int) ATTRIBUTES_DESTROY.invokeExact(attributes);
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }

    private static void ownSessionAndSignals(Arena arena, MemorySegment attributes) throws Throwable {
        MemorySegment none = arena.allocate(SIGNAL_SET_BYTES, 8);
        check("sigmask", (int) SET_MASK.invokeExact(attributes, none));
        MemorySegment defaulted = arena.allocate(SIGNAL_SET_BYTES, 8);
        for (int i = 0; i < Long.BYTES; i++) {
            defaulted.set(JAVA_BYTE, i, (byte) (DEFAULTED_SIGNALS >>> (8 * i)));
        }
        check("sigdefault", (int) SET_DEFAULTS.invokeExact(attributes, defaulted));
        check("flags", (int) SET_FLAGS.invokeExact(attributes, SETSIGDEF_SETSIGMASK_SETSID));
    }

    private static MemorySegment strings(Arena arena, List<String> texts) {
        MemorySegment array = arena.allocate(ADDRESS, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            array.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
        }
        array.setAtIndex(ADDRESS, texts.size(), MemorySegment.NULL);
        return array;
    }

    private static MethodHandle onePointer(String name) {
        return Posix.link(name, FunctionDescriptor.of(JAVA_INT, ADDRESS));
    }

    private static void check(String call, int result) throws Errno {
        if (result != 0) {
            throw new Errno(call, result);
        }
    }
}
