package io.pm2j.supervisor.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/// The system that we run on.
final class SystemHost implements LaunchCommand.Host {
    private static final String SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin";
    private static final String OPEN_FILES = "Max open files";

    @Override
    public int effectiveUid() {
        return PosixProcess.effectiveUid();
    }

    @Override
    public Optional<Account> user(String nameOrNumber) {
        return Account.find(nameOrNumber);
    }

    @Override
    public OptionalInt group(String nameOrNumber) {
        return Account.findGroup(nameOrNumber);
    }

    /// Those of busybox are other programs: its setpriv changes no users.
    @Override
    public Optional<Path> program(String name) {
        return ProgramPath.find(name, SYSTEM_PATH, Path.of("/")).filter(path -> {
            try {
                return !path.toRealPath().endsWith("busybox");
            } catch (IOException e) {
                return false;
            }
        });
    }

    /// The hard limit of this process; all there is when it is unlimited or unknown.
    @Override
    public int mostOpenFiles() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (line.startsWith(OPEN_FILES)) {
                    return Integer.parseInt(
                            line.substring(OPEN_FILES.length()).strip().split(" +")[1]);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Integer.MAX_VALUE;
        }
        return Integer.MAX_VALUE;
    }
}
