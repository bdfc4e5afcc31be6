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
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Starts processes by `posix_spawn`: own session, signals at their defaults, no descriptor but
/// those meant for them, and reports how each ended. Thread-safe.
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

    private static final int NOTHING = -1;

    /// The descriptors that a child gets; [#NOTHING] for those that it does not.
    private record Ends(int input, int output, int errors, int channel) {}

    private final Poller exits;
    private final LaunchCommand.Host host = new SystemHost();
    private final Set<Integer> unreaped = ConcurrentHashMap.newKeySet();
    private final AtomicInteger starting = new AtomicInteger();

    /// `exits` is the poller whose thread reports exits.
    public Launcher(Poller exits) {
        this.exits = exits;
    }

    /// Starts a process. `onExit` is called once, on the poller's thread.
    ///
    /// @throws IOException when the program cannot be executed; nothing is left behind
    public Child launch(LaunchPlan plan, Consumer<ExitStatus> onExit) throws IOException {
        LaunchCommand command = LaunchCommand.of(plan, host);
        int[] output = outputPipe(command.owner());
        int[] errors = null;
        int[] channel = null;
        int input = NOTHING;
        boolean started = false;
        try {
            input = plan.input() ? inputPipe(command.owner()) : NOTHING;
            errors = outputPipe(command.owner());
            channel = plan.channel() ? Posix.socketPair(false) : null;
            int pid =
                    start(plan, command, new Ends(input, output[1], errors[1], channel == null ? NOTHING : channel[1]));
            watchOrKill(pid, onExit);
            started = true;
            return new Child(pid, output[0], errors[0], channel == null ? -1 : channel[0]);
        } finally {
            if (input != NOTHING) {
                Posix.close(input);
            }
            closeEnds(output, started);
            closeEnds(errors, started);
            closeEnds(channel, started);
        }
    }

    /// Watches a process that an earlier daemon started. `onExit` is called once, on the poller's
    /// thread, with [ExitStatus.Unseen] unless the process is our child after all.
    ///
    /// @return false when that very process is gone; `onExit` is not called then
    public boolean adopt(ProcessIdentity identity, Consumer<ExitStatus> onExit) throws IOException {
        int pidfd;
        try {
            pidfd = PosixProcess.pidfdOpen(identity.pid());
        } catch (Errno e) {
            if (e.number() == Posix.ESRCH) {
                return false;
            }
            throw e;
        }
        // Only now: the descriptor keeps the number from being given to another.
        if (!ProcessIdentity.of(identity.pid()).equals(Optional.of(identity))) {
            Posix.close(pidfd);
            return false;
        }
        unreaped.add(identity.pid());
        reportExit(identity.pid(), pidfd, onExit);
        return true;
    }

    /// The processes that were started or adopted here and whose exit was not reported yet.
    public Set<Integer> unreaped() {
        return Set.copyOf(unreaped);
    }

    /// Whether the exit of `pid` is ours to see. While a process is being started its number is
    /// not known, so any may be it then.
    public boolean owns(int pid) {
        // In this order: whoever was born before the question is known once nobody is being started.
        return starting.get() > 0 || unreaped.contains(pid);
    }

    /// A pipe whose write end is open for reading as well. So the child does not die of SIGPIPE
    /// while nobody reads, and what it wrote stays for whoever opens `/proc/PID/fd/1` next. The
    /// end is still seen when the child, who has the only such descriptor, ends.
    private static int[] outputPipe(OptionalInt owner) throws Errno {
        int[] pair = Posix.pipe();
        int writeOnly = pair[1];
        try {
            pair[1] = Posix.reopen(writeOnly);
            if (owner.isPresent()) {
                Posix.giveTo(pair[1], owner.getAsInt());
            }
            return pair;
        } catch (Errno e) {
            Posix.close(pair[0]);
            if (pair[1] != writeOnly) {
                Posix.close(pair[1]);
            }
            throw e;
        } finally {
            Posix.close(writeOnly);
        }
    }

    /// What a child reads from: both ends of a pipe in one descriptor, so that it never comes to its end. Nothing of
    /// it is kept here: whoever has a line for the child opens `/proc/PID/fd/0`, a later daemon as well.
    private static int inputPipe(OptionalInt owner) throws Errno {
        int[] pair = outputPipe(owner);
        Posix.close(pair[0]);
        return pair[1];
    }

    private static void closeEnds(int @Nullable [] pair, boolean keepOurs) {
        if (pair != null) {
            Posix.close(pair[1]);
            if (!keepOurs) {
                Posix.close(pair[0]);
            }
        }
    }

    private int start(LaunchPlan plan, LaunchCommand command, Ends ends) throws IOException {
        starting.incrementAndGet();
        try {
            int pid = spawn(plan.cwd(), command, ends);
            unreaped.add(pid);
            return pid;
        } finally {
            starting.decrementAndGet();
        }
    }

    private void watchOrKill(int pid, Consumer<ExitStatus> onExit) throws Errno {
        try {
            reportExit(pid, PosixProcess.pidfdOpen(pid), onExit);
        } catch (Errno e) {
            // Nobody would see its end. It is a child of ours that was not reaped, so the number is its own.
            PosixProcess.kill(pid, Signal.SIGKILL.number());
            unreaped.remove(pid);
            throw e;
        }
    }

    private void reportExit(int pid, int pidfd, Consumer<ExitStatus> onExit) throws Errno {
        try {
            exits.watch(pidfd, _ -> {
                ExitStatus status = PosixProcess.reap(pidfd);
                if (status == null) {
                    return;
                }
                exits.forget(pidfd);
                Posix.close(pidfd);
                unreaped.remove(pid);
                onExit.accept(status);
            });
        } catch (Errno e) {
            Posix.close(pidfd);
            unreaped.remove(pid);
            throw e;
        }
    }

    private static int spawn(Path cwd, LaunchCommand command, Ends ends) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(FILE_ACTIONS_BYTES, 8);
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 8);
            check("posix_spawn_file_actions_init", (int) ACTIONS_INIT.invokeExact(actions));
            check("posix_spawnattr_init", (int) ATTRIBUTES_INIT.invokeExact(attributes));
            try {
                ownSessionAndSignals(arena, attributes);
                // The order matters: a source may have the number of a later target, never of an earlier one.
                if (ends.input == NOTHING) {
                    check("stdin", (int) ADD_OPEN.invokeExact(actions, 0, arena.allocateFrom("/dev/null"), 0, 0));
                } else {
                    check("stdin", (int) ADD_DUP2.invokeExact(actions, ends.input, 0));
                }
                check("stdout", (int) ADD_DUP2.invokeExact(actions, ends.output, 1));
                check("stderr", (int) ADD_DUP2.invokeExact(actions, ends.errors, 2));
                if (ends.channel != NOTHING) {
                    check("channel", (int) ADD_DUP2.invokeExact(actions, ends.channel, 3));
                }
                check("closefrom", (int) ADD_CLOSEFROM.invokeExact(actions, ends.channel == NOTHING ? 3 : 4));
                check("cwd", (int) ADD_CHDIR.invokeExact(actions, arena.allocateFrom(cwd.toString())));
                List<String> env = command.env().entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .toList();
                MemorySegment pid = arena.allocate(JAVA_INT);
                String program = command.command().getFirst();
                int result = (int) SPAWN.invokeExact(
                        pid,
                        arena.allocateFrom(program),
                        actions,
                        attributes,
                        strings(arena, command.command()),
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
