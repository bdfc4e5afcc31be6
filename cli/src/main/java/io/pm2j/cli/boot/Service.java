package io.pm2j.cli.boot;

import java.util.Optional;
import java.util.regex.Pattern;

/// What is to be started with the machine: for whom, and where its daemon lives.
///
/// @param name of the service, `pm2j-deploy`
/// @param user whose daemon it is
/// @param home the daemon's folder
/// @param launcher the command line's program
/// @param path the search path for programs, which the apps get too
/// @param waitsForNetwork whether addresses must be there first. PM2: `--wait-ip`
public record Service(String name, String user, String home, String launcher, String path, boolean waitsForNetwork) {
    private static final Pattern USER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.@-]{1,100}");
    /// They would mean something in one service file or another.
    private static final Pattern UNFIT = Pattern.compile("['\"\\\\$`<>&\\p{Cntrl}]");

    /// What keeps it from being written into a service file, if anything does.
    public Optional<String> unfit() {
        if (!USER.matcher(user).matches()) {
            return Optional.of("user '" + user + "' (expected: letters, digits, and _ . -)");
        }
        if (!NAME.matcher(name).matches()) {
            return Optional.of("service name '" + name + "' (expected: letters, digits, and _ . @ -)");
        }
        for (String path : new String[] {home, launcher, path}) {
            if (UNFIT.matcher(path).find()) {
                return Optional.of("'" + path + "' (expected: no quotes, backslashes, $, <, > or & in it)");
            }
            if (!path.startsWith("/")) {
                return Optional.of("'" + path + "' (expected: to begin with /)");
            }
        }
        return Optional.empty();
    }
}
