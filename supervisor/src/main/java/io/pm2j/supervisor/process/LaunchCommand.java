package io.pm2j.supervisor.process;

import io.pm2j.config.spec.ProcessSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/// What is really executed for a [LaunchPlan]: its command, behind a shell that sets the umask
/// and the limit of open files, and behind `setpriv` (util-linux) for another user; each only
/// when asked for. All of them execute the next, so the process stays one.
///
/// `owner` is the other user, who is to own the pipes of the output: programs that open
/// `/dev/stdout` could not otherwise.
record LaunchCommand(List<String> command, Map<String, String> env, OptionalInt owner) {
    private static final Pattern SHELL_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /// What the system says about users, limits and programs.
    interface Host {
        int effectiveUid();

        Optional<Account> user(String nameOrNumber);

        OptionalInt group(String nameOrNumber);

        /// A program of the system itself, wherever the worker's own search path leads.
        Optional<Path> program(String name);

        /// How many files a process may have open at most, without being root.
        int mostOpenFiles();
    }

    /// The command for `plan`.
    ///
    /// @throws IOException when what is asked for cannot be had; the message is a sentence for the operator
    static LaunchCommand of(LaunchPlan plan, Host host) throws IOException {
        ProcessSpec process = plan.process();
        if (process.equals(ProcessSpec.DEFAULT)) {
            return new LaunchCommand(plan.command(), plan.env(), OptionalInt.empty());
        }
        boolean root = host.effectiveUid() == 0;
        if (process.openFiles().isPresent() && !root && process.openFiles().getAsInt() > host.mostOpenFiles()) {
            throw new IOException("open_files %d is more than the %d that this daemon may give, as it is not root"
                    .formatted(process.openFiles().getAsInt(), host.mostOpenFiles()));
        }
        Optional<Account> user = user(process, host);
        OptionalInt group = group(process, host);
        boolean another = user.isPresent() && user.get().uid() != host.effectiveUid();
        if (!root && (another || group.isPresent())) {
            throw new IOException("cannot run as user %s, group %s: only a daemon of root may change them"
                    .formatted(
                            process.user().orElse("(the daemon's)"),
                            process.group().orElse("(the user's)")));
        }
        Path program = Path.of(plan.command().getFirst());
        if (!Files.isExecutable(plan.cwd().resolve(program))) {
            throw new IOException(
                    program + ": " + (Files.exists(program) ? "permission denied" : "no such file or directory"));
        }
        List<String> command = new ArrayList<>(limits(process, plan.env().keySet(), host));
        if (root && (user.isPresent() || group.isPresent())) {
            command.addAll(identity(user, group, host));
        }
        command.addAll(plan.command());
        return new LaunchCommand(
                command,
                environment(plan.env(), user),
                another ? OptionalInt.of(user.get().uid()) : OptionalInt.empty());
    }

    private static Optional<Account> user(ProcessSpec process, Host host) throws IOException {
        if (process.user().isEmpty()) {
            return Optional.empty();
        }
        Optional<Account> user = host.user(process.user().get());
        if (user.isEmpty()) {
            throw new IOException("there is no user " + process.user().get());
        }
        return user;
    }

    private static OptionalInt group(ProcessSpec process, Host host) throws IOException {
        if (process.group().isEmpty()) {
            return OptionalInt.empty();
        }
        OptionalInt group = host.group(process.group().get());
        if (group.isEmpty()) {
            throw new IOException("there is no group " + process.group().get());
        }
        return group;
    }

    private static List<String> limits(ProcessSpec process, Set<String> names, Host host) throws IOException {
        StringBuilder script = new StringBuilder();
        process.umask().ifPresent(mask -> script.append("umask %04o && ".formatted(mask)));
        process.openFiles().ifPresent(count -> script.append("ulimit -n %d && ".formatted(count)));
        if (script.isEmpty()) {
            return List.of();
        }
        List<String> words = new ArrayList<>(shell(names, host));
        words.addAll(List.of("-c", script + "exec \"$@\"", "sh"));
        return words;
    }

    /// Other shells than bash drop variables whose names they could not have set themselves
    /// (`spring.profiles`).
    private static List<String> shell(Set<String> names, Host host) throws IOException {
        Optional<String> odd = names.stream()
                .filter(name -> !SHELL_NAME.matcher(name).matches())
                .findAny();
        if (odd.isEmpty()) {
            return List.of("/bin/sh");
        }
        Path bash = host.program("bash")
                .orElseThrow(() -> new IOException("umask and open_files need the program bash, which was not found, "
                        + "beside an environment variable like " + odd.get()));
        // Privileged: it reads no BASH_ENV and takes no functions in.
        return List.of(bash.toString(), "-p");
    }

    private static List<String> identity(Optional<Account> user, OptionalInt group, Host host) throws IOException {
        Path setpriv = host.program("setpriv")
                .orElseThrow(() -> new IOException(
                        "another user or group needs the program setpriv (of util-linux), which was not found"));
        List<String> words = new ArrayList<>(List.of(setpriv.toString()));
        user.ifPresent(account -> words.addAll(List.of("--reuid", String.valueOf(account.uid()))));
        int gid = group.orElseGet(() -> user.map(Account::gid).orElseThrow());
        words.addAll(List.of("--regid", String.valueOf(gid)));
        // Without a user there is nobody whose further groups could be taken over, and those of root are too many.
        words.addAll(List.of(user.isPresent() ? "--init-groups" : "--clear-groups", "--"));
        return words;
    }

    private static Map<String, String> environment(Map<String, String> env, Optional<Account> user) {
        if (user.isEmpty()) {
            return env;
        }
        Map<String, String> all = new HashMap<>(env);
        all.put("HOME", user.get().home());
        all.put("USER", user.get().name());
        all.put("LOGNAME", user.get().name());
        return all;
    }
}
