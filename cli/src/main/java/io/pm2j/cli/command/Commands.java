package io.pm2j.cli.command;

import io.pm2j.cli.typed.CalledAs;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.NotHere;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.read.Nearest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Every command by its names, with what it takes and one sentence of help.
public enum Commands {
    START("<script|file|name|id...>", "start apps: a script, an ecosystem file, or known ones", Start::run, "start"),
    RESTART("<name|id|all...>", "stop and start, one instance after the other", Act::restart, "restart"),
    RELOAD("<name|id|all...>", "replace workers without losing a request", Act::reload, "reload", "gracefulReload"),
    START_OR_RESTART("<file>", "restart what runs of a file, start the rest", Act::startOrRestart, "startOrRestart"),
    START_OR_RELOAD(
            "<file>",
            "reload what runs of a file, start the rest",
            Act::startOrReload,
            "startOrReload",
            "startOrGracefulReload"),
    STOP("<name|id|all...>", "stop, and keep in the list", Act::stop, "stop"),
    DELETE("<name|id|all...>", "stop, and forget", Act::delete, "delete", "del"),
    SCALE("<app> <n|+n|-n>", "change the number of instances", Act::scale, "scale"),
    RESET("<name|id|all...>", "count restarts from nought again", Act::reset, "reset"),
    PAUSE("<name|id|all...>", "hold the requests of apps; their processes go on", Act::pause, "pause"),
    RESUME("<name|id|all...>", "let held requests go on", Act::resume, "resume"),
    ROLLBACK("[generation] <app>", "reload to what served before", Act::rollBack, "rollback"),
    PROMOTE("<app> [percent]", "go on with a canary: to all, or to another share", Trials::promote, "promote"),
    ABORT("<app>", "end a canary; the old workers have everything again", Trials::abort, "abort"),
    MAINTENANCE(
            "<app> [on|off]",
            "answer 503 with a page for an app; its processes go on",
            Trials::maintenance,
            "maintenance"),
    VALIDATE("[file]", "say everything that is wrong with an ecosystem file", Ecosystem::validate, "validate"),
    DIFF("[file]", "what stands between what runs and the file (exit 2: something)", Ecosystem::diff, "diff"),
    APPLY("[file]", "make what runs what the file says, whole or not at all", Ecosystem::apply, "apply"),
    LIST("", "list all apps", Show::list, "list", "ls", "l", "ps", "status"),
    JLIST("", "list all apps as JSON", Show::jlist, "jlist"),
    PRETTYLIST("", "list all apps as Node shows objects", Show::prettylist, "prettylist"),
    SYSINFOS("", "figures of the machine", Upkeep::sysinfos, "sysinfos", "slist"),
    MONIT(
            "[name|id...]",
            "a screen of processes, logs, figures and metadata; q quits",
            Monitor::run,
            "monit",
            "dashboard",
            "dash",
            "imonit",
            "m"),
    BUS("[name|id...]", "what happens, an object of JSON a line: events, messages, logs", Bus::run, "bus"),
    DESCRIBE("<name|id>", "all about an app", Show::describe, "describe", "desc", "info", "show"),
    ENV("<id>", "configuration and environment of an instance", Show::env, "env"),
    ID("<name>", "the ids of an app", Show::id, "id"),
    PID("[name]", "the pids of an app, or of all", Show::pid, "pid"),
    LOGS("[name|id...]", "the last lines, then what is printed", Logs::run, "logs", "log"),
    FLUSH("[name|id...]", "empty the log files", Control::flush, "flush"),
    RELOAD_LOGS("", "open the log files anew, after an outside rotation", Control::reloadLogs, "reloadLogs"),
    SEND_SIGNAL("<signal> <name|id>", "send a signal to the processes of an app", Talk::sendSignal, "sendSignal"),
    SEND("<id> <line>", "write a line to a process's standard input", Talk::send, "send"),
    ATTACH("<id>", "type to a process, and see what it prints", Talk::attach, "attach"),
    SEND_MESSAGE("<name|id> <json>", "send a message by Node's channel", Talk::sendMessage, "sendMessage"),
    INSPECT("<name|id>", "open the inspector of Node's programs", Talk::inspect, "inspect"),
    TRIGGER("<name|id> <action> [parameter]", "call an action that an app announced", Talk::trigger, "trigger"),
    SET("<key> <value>", "set a value; app.key restarts the app with it", Settings::set, "set"),
    GET("[key]", "a value, or all", Settings::get, "get"),
    UNSET("<key|all>", "forget a value", Settings::unset, "unset"),
    MULTISET("\"<key> <value>...\"", "set several values", Settings::multiset, "multiset"),
    CONF("[key] [value]", "get or set a value", Settings::conf, "conf", "config"),
    ECOSYSTEM("[simple|json|yaml]", "write a file to begin with", Scaffold::run, "ecosystem", "init"),
    SAVE("", "remember the list for resurrect", Control::save, "save", "dump"),
    AUTOSAVE("on|off", "save after each change by itself", Control::autosave, "autosave"),
    RESURRECT("", "start what save remembered", Control::resurrect, "resurrect"),
    CLEARDUMP("", "forget what save remembered", Control::clearDump, "cleardump"),
    UPDATE(
            "[program]",
            "put this version in the running daemon's place; apps and connections stay",
            Upkeep::update,
            "update",
            "updatePM2"),
    REPORT("", "what to paste when something is wrong", Upkeep::report, "report"),
    SERVE("[folder] [port]", "serve static files from the edge", Serve::run, "serve", "expose"),
    WEB("[port]", "processes as JSON and Prometheus metrics on loopback", Serve::web, "web"),
    RUNTIME("<script|file>", "pm2-runtime: apps and daemon in one process, for containers", Container::run, "runtime"),
    DEV("<script|file>", "pm2-dev: the same, restarted at each change", Dev::run, "dev"),
    DAEMON("", "become the daemon, with what was saved: for a service manager", Control::daemon, "daemon"),
    STARTUP("[platform]", "start the daemon with the machine", Startup::startup, "startup"),
    UNSTARTUP("[platform]", "do so no more", Startup::unstartup, "unstartup"),
    DEPLOY("[file] <environment> [command]", "bring a commit to hosts over ssh and git", Deploy::run, "deploy"),
    COMPLETION("[bash|zsh|fish]", "what the shell reads to complete commands and names", Completion::run, "completion"),
    COMPLETION_WORDS("", "", Completion::words, "completion-words"),
    DOCTOR("", "look over this machine and the home; say what to mend", Doctor::run, "doctor"),
    SCHEMA("", "the JSON Schema of ecosystem files, for editors", Scaffold::schema, "schema"),
    EXAMPLES("", "what people type most", Commands::examples, "examples"),
    HELP("[command]", "this text, or a command's; --man: the manual page", Commands::help, "help"),
    PING("", "is the daemon there? (starts one)", Control::ping, "ping"),
    KILL("", "stop all apps and the daemon", Control::kill, "kill");

    private final String takes;
    private final String help;
    private final Body body;
    private final List<String> names;

    /// What a command does; the answer is its exit code.
    @FunctionalInterface
    private interface Body {
        int run(Session session) throws Failure;
    }

    Commands(String takes, String help, Body body, String... names) {
        this.takes = takes;
        this.help = help;
        this.body = body;
        this.names = List.of(names);
    }

    /// Runs what was typed.
    public static int run(Session session) throws Failure {
        String typed = session.typed.command();
        if (session.typed.has(Option.VERSION)) {
            session.out.println(Session.PM2J_VERSION);
            return ExitCode.OK;
        }
        if (typed.isEmpty()) {
            session.lines(usage());
            // PM2: no command is a mistake, unless help was asked for.
            return session.typed.has(Option.HELP) ? ExitCode.OK : ExitCode.FAILED;
        }
        Commands command = named(typed).orElseThrow(() -> unknown(typed));
        if (session.typed.has(Option.HELP)) {
            session.lines(command.helpLines());
            return ExitCode.OK;
        }
        checkPm2Only(session);
        return command.body.run(session);
    }

    /// What PM2's agent in the app would do is said to be missing; what would change the app's life is refused.
    private static void checkPm2Only(Session session) throws Failure {
        if (session.typed.has(Option.EXT)) {
            throw new Failure("--ext: files are not watched by their extensions (expected: --watch with paths,"
                    + " --ignore-watch '*.md')");
        }
        for (Option option : List.of(Option.TRACE, Option.V8, Option.EVENT_LOOP_INSPECTOR, Option.DEEP_MONITORING)) {
            if (session.typed.has(option)) {
                session.warn(option.text() + " does nothing: pm2j puts no agent into apps");
            }
        }
    }

    private static int help(Session session) throws Failure {
        if (session.typed.has(Option.MAN)) {
            session.out.print(Manual.page());
            return ExitCode.OK;
        }
        List<String> about = session.typed.operands();
        if (about.isEmpty()) {
            session.lines(usage());
            return ExitCode.OK;
        }
        String name = about.getFirst();
        session.lines(named(name).orElseThrow(() -> unknown(name)).helpLines());
        return ExitCode.OK;
    }

    private static int examples(Session session) {
        for (Commands command : values()) {
            List<String> lines = Examples.of(command.names.getFirst());
            if (!lines.isEmpty()) {
                session.out.println(command.help + ":");
                session.lines(lines);
            }
        }
        return ExitCode.OK;
    }

    /// Every name, the usual one first.
    List<String> names() {
        return names;
    }

    /// Its operands.
    String takes() {
        return takes;
    }

    /// One sentence; empty for what is not for people.
    String help() {
        return help;
    }

    private static Optional<Commands> named(String name) {
        return Arrays.stream(values()).filter(c -> c.names.contains(name)).findFirst();
    }

    private static Failure unknown(String typed) {
        Optional<String> ofPm2 = NotHere.command(typed);
        if (ofPm2.isPresent()) {
            return new Failure(ofPm2.get());
        }
        List<String> known =
                Arrays.stream(values()).flatMap(c -> c.names.stream()).toList();
        String hint = Nearest.to(typed, known)
                .map(near -> " (did you mean " + near + "?)")
                .orElse("");
        return new Failure("Command not found: " + typed + hint);
    }

    private List<String> helpLines() {
        List<String> lines = new ArrayList<>();
        lines.add("usage: " + CalledAs.now().text() + " " + names.getFirst() + " " + takes);
        lines.add("  " + help);
        if (names.size() > 1) {
            lines.add("  also: " + String.join(", ", names.subList(1, names.size())));
        }
        lines.addAll(Examples.of(names.getFirst()));
        return lines;
    }

    private static List<String> usage() {
        List<String> lines = new ArrayList<>();
        lines.add("usage: " + CalledAs.now().text() + " <command> [options]");
        lines.add("");
        for (Commands command : values()) {
            if (command.help.isEmpty()) {
                continue; // for programs, not for people
            }
            lines.add(String.format("  %-38s %s", command.names.getFirst() + " " + command.takes, command.help));
        }
        lines.add("");
        for (Option option : Option.values()) {
            lines.add(option.helpLine());
        }
        lines.add(String.format("  %-34s %s", "-- ARGS", "arguments of the script"));
        return lines;
    }
}
