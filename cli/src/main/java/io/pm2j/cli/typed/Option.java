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
    NO_AUTOSTART("", "list it, and start it later", "--no-autostart"),
    EXP_BACKOFF_RESTART_DELAY(
            "MS", "first pause before a restart; each next is half longer", "--exp-backoff-restart-delay"),
    STOP_EXIT_CODES("CODES", "do not start it again after these (0,42)", "--stop-exit-codes"),
    MAX_MEMORY_RESTART("SIZE", "replace a worker whose processes use more (300M)", "--max-memory-restart"),
    CRON("TIMES", "restart at these times (0 3 * * *)", "--cron", "--cron-restart", "-c"),
    WATCH("[PATHS]", "restart when files in the folder, or these, change", "--watch"),
    IGNORE_WATCH("NAMES", "changes of these are none (tmp,*.md)", "--ignore-watch"),
    WATCH_DELAY("SECONDS", "quiet time before a restart by a change (4, 4000ms)", "--watch-delay"),
    EXT("EXTENSIONS", "PM2's: watch these alone; refused, --ignore-watch leaves out", "--ext"),
    KILL_SIGNAL("SIGNAL", "the stop signal (SIGINT)", "--kill-signal"),
    SHUTDOWN_WITH_MESSAGE("", "send 'shutdown' instead of the stop signal", "--shutdown-with-message"),
    NO_TREEKILL("", "signal the worker alone, not its children", "--no-treekill"),
    UID("USER", "run as this user (root only)", "--uid"),
    GID("GROUP", "run in this group (root only)", "--gid"),
    LOG("FILE", "log file of both streams", "--log", "-l"),
    LOG_TYPE("json", "one JSON object a line", "--log-type"),
    LOG_DATE_FORMAT("FORMAT", "before each line (YYYY-MM-DD HH:mm:ss)", "--log-date-format"),
    TIME("", "the time before each line", "--time"),
    DISABLE_LOGS("", "write no log files", "--disable-logs"),
    PID("FILE", "pid file", "--pid", "-p"),
    FILTER_ENV("NAMES", "leave out variables whose names contain these", "--filter-env"),
    SOURCE_MAP_SUPPORT("", "stack traces by source maps", "--source-map-support"),
    DISABLE_SOURCE_MAP_SUPPORT("", "stack traces as they are", "--disable-source-map-support"),
    OUTPUT("FILE", "log file of standard output", "--output", "-o"),
    ERROR("FILE", "log file of standard error", "--error", "-e"),
    MERGE_LOGS("", "one log file for all instances", "--merge-logs"),
    EXECUTE_COMMAND("", "fork mode, whatever else is given", "--execute-command", "-x"),
    ENV("NAME", "use the env_NAME block of the ecosystem file", "--env"),
    ONLY("NAMES", "only these apps of the ecosystem file (a,b)", "--only"),
    WATCH_CONFIG("", "start, apply: follow the ecosystem file; its edits apply themselves", "--watch-config"),
    NO_WATCH_CONFIG("", "start, apply: follow it no more", "--no-watch-config"),
    JSON("", "as JSON", "--json"),
    PARALLEL("N", "reload so many workers at a time", "--parallel"),
    CANARY("SHARE", "reload: a new version beside the old one for a share first (10%, cookie:NAME=VALUE)", "--canary"),
    COOKIE("NAME=VALUE", "the canary for requests with this cookie alone", "--cookie"),
    PAGE("FILE", "what is shown meanwhile (maintenance)", "--page"),
    RETRY_AFTER("SECONDS", "when clients are to come back (maintenance)", "--retry-after"),
    ALLOW("CIDR", "who is let in all the same (maintenance; 10.0.0.0/8,::1)", "--allow"),
    DRAIN("MS", "update: how long what is under way may take (10000)", "--drain"),
    NO_ROLLBACK("", "reload: go on with the new workers though they fail", "--no-rollback"),
    UPDATE_ENV("", "restart or reload with this shell's variables", "--update-env", "-a"),
    SORT("FIELD:ORDER", "order of the list: memory:desc", "--sort"),
    MINI_LIST("", "the list as lines of key and value", "--mini-list", "-m"),
    ATTACH("", "then show what the apps print", "--attach"),
    NO_DAEMON("", "stay, show what the apps print, and end with them all", "--no-daemon"),
    INSTANCE_VAR("NAME", "variable with the number of the instance (NODE_APP_INSTANCE)", "--instance-var"),
    NO_VIZION("", "PM2's: no version control data, of which pm2j has none", "--no-vizion"),
    NO_PMX("", "PM2's: no agent in the app, of which pm2j has none", "--no-pmx"),
    NO_AUTOMATION("", "PM2's: as --no-pmx", "--no-automation"),
    TRACE("", "PM2's: tracing, of which pm2j has none", "--trace"),
    V8("", "PM2's: figures of its agent, of which pm2j has none", "--v8"),
    EVENT_LOOP_INSPECTOR("", "PM2's: as --v8", "--event-loop-inspector"),
    DEEP_MONITORING("", "PM2's: as --v8 and --trace", "--deep-monitoring"),
    DISABLE_TRACE("", "PM2's: no tracing, of which pm2j has none", "--disable-trace"),
    FORCE("", "start a script that runs already; reload without pre-flight and bake", "--force", "-f"),
    LINES("N", "how many last lines (15)", "--lines"),
    RAW("", "bare lines", "--raw"),
    OUT("", "standard output only", "--out"),
    ERR("", "standard error only", "--err"),
    FORMAT("", "logs as key=value", "--format"),
    TIMESTAMP("[FORMAT]", "the time before each line of logs (YYYY-MM-DD-HH:mm:ss)", "--timestamp"),
    HIGHLIGHT("TEXT", "make this stand out in logs", "--highlight"),
    NOSTREAM("", "do not follow", "--nostream"),
    SPA("", "answer navigations to missing paths with the index page", "--spa"),
    FORMATTED("", "logs behind the name of the app (pm2-runtime)", "--formatted"),
    DELAY("SECONDS", "wait before the start (pm2-runtime)", "--delay"),
    WEB("[PORT]", "processes as JSON and metrics on 9615, or this port (pm2-runtime)", "--web"),
    NO_AUTO_EXIT("", "stay when every app is gone (pm2-runtime)", "--no-auto-exit"),
    AUTO_EXIT("", "end when every app is gone (pm2-dev)", "--auto-exit"),
    MACHINE_NAME("NAME", "PM2's: for its dashboard, of which pm2j has none", "--machine-name"),
    PUBLIC_KEY("KEY", "PM2's: for its dashboard, of which pm2j has none", "--public"),
    SECRET_KEY("KEY", "PM2's: for its dashboard, of which pm2j has none", "--secret"),
    IGNORE("NAMES", "changes of these are none (pm2-dev; tmp,*.md)", "--ignore"),
    POST_EXEC("COMMAND", "run this after each restart (pm2-dev)", "--post-exec"),
    SILENT_EXEC("", "do not show what --post-exec prints", "--silent-exec"),
    TEST_MODE("", "start, and end again (pm2-dev)", "--test-mode"),
    USER("NAME", "whose daemon starts with the machine (startup)", "--user", "-u"),
    HOME_PATH("FOLDER", "the home of that user", "--hp"),
    SERVICE_NAME("NAME", "name of the service (pm2j-USER)", "--service-name"),
    WAIT_IP("", "after the network has its addresses (startup, systemd)", "--wait-ip"),
    DRY_RUN("", "print what would be done, and do nothing", "--dry-run"),
    SKELETON("USER", "a whole application folder for a user (init)", "--skeleton"),
    MAN("", "as a manual page (help)", "--man"),
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
        return !takes.isEmpty() && !mayTakeValue();
    }

    /// Whether it is complete without a value: then one stands behind `=`, or is a word after the operands.
    boolean mayTakeValue() {
        return takes.startsWith("[");
    }

    /// Whether each time it is typed adds to it.
    boolean adds() {
        return switch (this) {
            case WATCH, IGNORE_WATCH, STOP_EXIT_CODES, FILTER_ENV, ONLY, ALLOW -> true;
            default -> false;
        };
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

    /// Every spelling, the long one first.
    public List<String> spellings() {
        return spellings;
    }

    /// What it takes, and what it does.
    public String takes() {
        return takes;
    }

    public String help() {
        return help;
    }

    static Optional<Option> spelled(String spelling) {
        return Arrays.stream(values())
                .filter(o -> o.spellings.contains(spelling))
                .findFirst();
    }

    /// Every spelling of every option.
    public static List<String> everySpelling() {
        return Arrays.stream(values()).flatMap(o -> o.spellings.stream()).toList();
    }
}
