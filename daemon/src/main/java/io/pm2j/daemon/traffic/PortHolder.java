package io.pm2j.daemon.traffic;

import io.pm2j.config.Address;
import io.pm2j.supervisor.process.ListenDetector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Says in words who has an address that we wanted.
public final class PortHolder {
    private static final int EACCES = 13;
    private static final int EADDRINUSE = 98;
    private static final int EADDRNOTAVAIL = 99;

    private PortHolder() {}

    /// A whole sentence about why `wanted` cannot be opened.
    public static String explain(Address wanted, int errno) {
        return switch (errno) {
            case EADDRINUSE -> wanted + " is in use" + holder(wanted);
            case EACCES ->
                wanted + " may not be opened by this user (ports below 1024 need root or CAP_NET_BIND_SERVICE)";
            case EADDRNOTAVAIL -> wanted + " is not an address of this host";
            default -> wanted + " cannot be opened (errno " + errno + ")";
        };
    }

    private static String holder(Address wanted) {
        if (!(wanted instanceof Address.Tcp(String _, int port))) {
            return " by another process";
        }
        try {
            int pid = ListenDetector.holderOf(port);
            if (pid == 0) {
                return " by a process of another user";
            }
            String command = Files.readString(Path.of("/proc", String.valueOf(pid), "cmdline"))
                    .replace('\0', ' ')
                    .strip();
            return " by pid " + pid + " (" + (command.length() > 120 ? command.substring(0, 120) + "…" : command) + ")";
        } catch (IOException e) {
            return " by another process";
        }
    }
}
