package io.pm2j.cli.typed;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The name that this was called by. A symbolic link named as one of PM2's programs makes it that program, in
/// `PM2_HOME`.
public enum CalledAs {
    PM2J("pm2j", "PM2J_HOME", ""),
    PM2("pm2", "PM2_HOME", ""),
    PM2_RUNTIME("pm2-runtime", "PM2_HOME", CalledAs.RUNTIME),
    PM2_DOCKER("pm2-docker", "PM2_HOME", CalledAs.RUNTIME),
    PM2_DEV("pm2-dev", "PM2_HOME", CalledAs.DEV);

    /// The command that `pm2-runtime` is.
    public static final String RUNTIME = "runtime";
    /// The command that `pm2-dev` is.
    public static final String DEV = "dev";

    private static final CalledAs NOW = named(System.getProperty("pm2j.as", ""));

    private final String text;
    private final String homeVariable;
    private final String command;

    CalledAs(String text, String homeVariable, String command) {
        this.text = text;
        this.homeVariable = homeVariable;
        this.command = command;
    }

    /// This process: the launcher says.
    public static CalledAs now() {
        return NOW;
    }

    /// pm2j, unless it is one of PM2's names.
    static CalledAs named(String name) {
        for (CalledAs one : values()) {
            if (one.text.equals(name)) {
                return one;
            }
        }
        return PM2J;
    }

    /// The name.
    public String text() {
        return text;
    }

    /// What the daemon is called in sentences.
    public String product() {
        return this == PM2J ? "pm2j" : "PM2";
    }

    /// The variable that says where the daemon lives.
    public String homeVariable() {
        return homeVariable;
    }

    /// What was typed, with the command that the name stands for in front. PM2: `pm2-runtime start app.js` is
    /// `pm2-runtime app.js`.
    public String[] words(String... typed) {
        if (command.isEmpty()) {
            return typed;
        }
        List<String> words = new ArrayList<>(List.of(typed));
        words.addFirst(command);
        return words.toArray(String[]::new);
    }

    /// The folder of the daemon for `command`, relative paths as they are. PM2: pm2-dev has one of its own,
    /// `~/.pm2-dev`.
    public Path home(String command, Map<String, String> env, String userHome) {
        String wanted = env.getOrDefault(homeVariable, "");
        String usual = this == PM2J ? ".pm2j" : ".pm2";
        Path home = wanted.isEmpty() ? Path.of(userHome, usual) : Path.of(wanted);
        return command.equals(DEV) ? Path.of(home + "-dev") : home;
    }
}
