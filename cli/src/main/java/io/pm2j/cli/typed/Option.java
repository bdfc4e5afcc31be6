package io.pm2j.cli.typed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Every option there is: its spellings, what it takes, and what it does. The first spelling is the long one.
public enum Option {
    NAME("NAME", "name of the app", "--name", "-n"),
    INSTANCES("N", "number of instances: a number, max, 0, -1; behind the edge", "--instances", "-i"),
    PORT("PORT", "port of the app (sets PORT); with -i the edge opens it", "--port"),
    INTERPRETER("PROGRAM", "what runs the script; none runs it as it is", "--interpreter"),
    INTERPRETER_ARGS("ARGS", "arguments of the interpreter", "--interpreter-args", "--node-args"),
    CWD("FOLDER", "folder to run in", "--cwd"),
    NAMESPACE("NAME", "namespace of the app", "--namespace"),
    WAIT_READY("", "wait for process.send('ready')", "--wait-ready"),
    LISTEN_TIMEOUT("MS", "how long a worker may take to get ready (3000)", "--listen-timeout"),
    KILL_TIMEOUT("MS", "from the stop signal to SIGKILL (1600)", "--kill-timeout", "-k"),
    NO_AUTORESTART("", "do not start it again when it ends", "--no-autorestart"),
    MAX_RESTARTS("N", "unstable restarts in a row before it is errored (16)", "--max-restarts"),
    RESTART_DELAY("MS", "pause before a restart", "--restart-delay"),
    MIN_UPTIME("MS", "shorter runs are unstable (1000)", "--min-uptime"),
    OUTPUT("FILE", "log file of standard output", "--output", "-o"),
    ERROR("FILE", "log file of standard error", "--error", "-e"),
    MERGE_LOGS("", "one log file for all instances", "--merge-logs"),
    EXECUTE_COMMAND("", "fork mode, whatever else is given", "--execute-command", "-x"),
    ENV("NAME", "use the env_NAME block of the ecosystem file", "--env"),
    ONLY("NAMES", "only these apps of the ecosystem file (a,b)", "--only"),
    FORCE("", "start a script that runs already", "--force", "-f"),
    LINES("N", "how many last lines (15)", "--lines"),
    RAW("", "bare lines", "--raw"),
    OUT("", "standard output only", "--out"),
    ERR("", "standard error only", "--err"),
    NOSTREAM("", "do not follow", "--nostream"),
    SPA("", "answer navigations to missing paths with the index page", "--spa"),
    NO_COLOR("", "no colours", "--no-color"),
    SILENT("", "print nothing but what was asked for", "--silent", "-s"),
    HELP("", "this text", "--help", "-h"),
    VERSION("", "the version", "--version", "-v");

    private final String takes;
    private final String help;
    private final List<String> spellings;

    Option(String takes, String help, String... spellings) {
        this.takes = takes;
        this.help = help;
        this.spellings = List.of(spellings);
    }

    boolean takesValue() {
        return !takes.isEmpty();
    }

    /// The long spelling.
    public String text() {
        return spellings.getFirst();
    }

    /// `-n, --name NAME` and what it does.
    public String helpLine() {
        List<String> shown = new ArrayList<>(spellings.reversed());
        return String.format("  %-34s %s", String.join(", ", shown) + (takes.isEmpty() ? "" : " " + takes), help);
    }

    static Optional<Option> spelled(String spelling) {
        return Arrays.stream(values())
                .filter(o -> o.spellings.contains(spelling))
                .findFirst();
    }

    static List<String> everySpelling() {
        return Arrays.stream(values()).flatMap(o -> o.spellings.stream()).toList();
    }
}
