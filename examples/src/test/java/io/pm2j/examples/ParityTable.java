package io.pm2j.examples;

import static io.pm2j.examples.Look.COLUMNS;
import static io.pm2j.examples.Look.KEYS;
import static io.pm2j.examples.Look.OUT;
import static io.pm2j.examples.Look.PREFIXES;
import static io.pm2j.examples.Look.ROW_NAMES;
import static io.pm2j.examples.Look.STATE;
import static io.pm2j.examples.Look.VARIABLES;
import static io.pm2j.examples.Look.becomes;
import static io.pm2j.examples.Look.empty;
import static io.pm2j.examples.Look.file;
import static io.pm2j.examples.Look.folder;
import static io.pm2j.examples.Look.json;
import static io.pm2j.examples.Look.one;
import static io.pm2j.examples.Look.says;
import static io.pm2j.examples.Look.seen;
import static io.pm2j.examples.Look.state;
import static io.pm2j.examples.ParityRow.Group.group;
import static io.pm2j.examples.ParityRow.row;

import io.pm2j.examples.ParityRow.Group;
import java.util.List;

/// The command lines of [ParityIT], and what is compared after each.
final class ParityTable {
    private ParityTable() {}

    private static final Group NOTHING = group(
            "nothing runs",
            row("pm2 ping", says("pong")),
            row("pm2 ls", COLUMNS),
            row("pm2 jlist", OUT),
            row("pm2 prettylist", OUT),
            row("pm2 pid", OUT),
            row("pm2 id nobody", OUT),
            row("pm2 pid nobody", OUT),
            row("pm2 describe nobody", says("^\\[PM2]\\[WARN] nobody doesn't exist")),
            row("pm2 env 7"),
            row("pm2 stop nobody", says("^\\[PM2]\\[ERROR] Process or Namespace nobody not found"), PREFIXES),
            row("pm2 stop all", says("No process found")),
            row("pm2 restart nobody", says("^\\[PM2]\\[ERROR] Process or Namespace nobody not found")),
            row("pm2 restart all", says("No process found")),
            row("pm2 delete nobody", says("^\\[PM2]\\[ERROR] Process or Namespace nobody not found"), PREFIXES),
            row("pm2 delete all", says("No process found")),
            row("pm2 stop all", PREFIXES).better("`No process found` is an `[ERROR]`, with PM2 a `[WARN]`"),
            row("pm2 restart 12"),
            row("pm2 stop 12"),
            row("pm2 delete 12"),
            row("pm2 reload nobody", says("^\\[PM2]\\[ERROR] Process or Namespace nobody not found")),
            row("pm2 reload all", says("No process found")),
            row("pm2 reset nobody"),
            row("pm2 scale nobody 2"),
            row("pm2 sendSignal SIGUSR2 nobody"),
            row("pm2 send 3 hello"),
            row("pm2 attach nobody < /dev/null"),
            row("pm2 trigger nobody act"),
            row("pm2 stop"),
            row("pm2 restart"),
            row("pm2 start nothere.js", says("^\\[PM2]\\[ERROR] Script not found: <work>/nothere.js"), STATE),
            row("pm2 start nothere.json", says("File nothere.json not found"), STATE),
            row("pm2 restart nothere.json"),
            row("pm2 start broken.json", STATE),
            row("pm2 start noscript.json", STATE),
            row("pm2 start app.js --cron-restart 'no cron'", STATE),
            row("pm2 start app.js --max-memory-restart much", STATE),
            row("pm2 start app.js --interpreter no-such-program", STATE),
            row("pm2 start app.js --no-such-option", STATE),
            row("pm2 frobnicate"),
            row("pm2 save", says("To force saving use")),
            row("pm2 save --force", says("^\\[PM2] Successfully saved in @/home/dump.pm2")),
            row("pm2 resurrect", says("^\\[PM2] Resurrecting"), STATE),
            row("pm2 cleardump"),
            row("pm2 get nothing"),
            row("pm2 unset nothing"),
            row("pm2 flush", says("^\\[PM2] Logs flushed")),
            row("pm2 reloadLogs", says("All logs reloaded")),
            row("pm2 logs --nostream nobody"),
            row("pm2 -v > /dev/null"),
            row("pm2 --help > /dev/null"),
            row("pm2 > /dev/null"));

    private static final Group SCRIPTS = group(
            "scripts",
            row(
                    "pm2 start app.js",
                    says("^\\[PM2] Starting <work>/app.js in fork_mode \\(1 instance\\)\\n\\[PM2] Done\\."),
                    STATE,
                    COLUMNS,
                    PREFIXES,
                    seen("app-0")),
            row("pm2 start app.js", says("Script already launched, add -f option to force re-execution"), STATE),
            row(
                    "pm2 start app.js --name two -- a 'b c' --d",
                    state("args", "node_args", "node_version"),
                    seen("two-0")),
            row("pm2 jlist", KEYS),
            row("pm2 start app", STATE),
            row("pm2 stop app", STATE, COLUMNS),
            row("pm2 start app.js", STATE),
            row("pm2 stop app && pm2 start app", STATE),
            row("pm2 start 0 two", STATE),
            row("pm2 delete all", STATE, COLUMNS),
            row("pm2 start app.js -i 2 --name web", STATE, seen("web-1"), folder("home/logs"), folder("home/pids")),
            row("pm2 jlist", KEYS),
            row("pm2 delete web", STATE, folder("home/pids")),
            row("pm2 start app.js -x -i 2 --name pair", STATE, folder("home/logs")),
            row("pm2 delete pair", STATE),
            row("pm2 start ./app.py --name py -- x", STATE, file("home/logs/py-out.log")),
            row("pm2 restart py", one("py", "exec_interpreter")).better("`.py` by `python3`"),
            row("pm2 start app.sh --name sh -- 1 2", STATE, file("home/logs/sh-out.log")),
            row("pm2 start 'node app.js one two' --name text", STATE, file("home/logs/text-out.log")),
            row("pm2 restart text", one("text", "pm_exec_path", "exec_interpreter", "args"))
                    .better("in `jlist` `pm_exec_path` is the line and `exec_interpreter` is `shell`"),
            row("pm2 start sleep -- 1000", STATE, one("sleep", "pm_exec_path", "exec_interpreter", "args")),
            row(
                    "pm2 start ends.js --name gone --no-autorestart -- 3",
                    becomes("gone", "stopped"),
                    STATE,
                    one("gone", "exit_code", "autorestart")),
            row(
                    "pm2 start ends.js --name codes --stop-exit-codes 4 -- 4",
                    becomes("codes", "stopped"),
                    STATE,
                    one("codes", "exit_code")),
            row(
                    "pm2 start sub/ends.js --name loop --max-restarts 2 -- 1",
                    becomes("loop", "errored"),
                    STATE,
                    one("loop", "exit_code")),
            row("pm2 start app.js --name later --no-autostart", STATE),
            row("pm2 start app.js ends.js --no-autorestart", becomes("ends", "stopped"), STATE));

    private static final Group OPTIONS = group(
            "options",
            row("pm2 start app.js --name cwd --cwd sub/..", state("pm_cwd", "pm_exec_path"), seen("cwd-0")),
            row(
                    "pm2 start ends.js --name sub --cwd sub --no-autorestart",
                    becomes("sub", "stopped"),
                    state("pm_cwd", "pm_exec_path")),
            row("pm2 start app.js --name na --node-args='--stack-trace-limit=20'", state("node_args"), seen("na-0")),
            row("pm2 start app.js --name in --interpreter node --interpreter-args '--trace-warnings'", seen("in-0")),
            row(
                    "pm2 start app.js --name out -o o.log -e e.log",
                    state("pm_out_log_path", "pm_err_log_path"),
                    file("work/o.log"),
                    file("work/e.log")),
            row("pm2 start app.js --name both -l both.log", state("pm_log_path"), file("work/both.log")),
            row("pm2 start app.js --name mute -o /dev/null -e NULL", state("pm_out_log_path", "pm_err_log_path")),
            row("pm2 start app.js --name cron --cron-restart '0 4 * * *'", state("cron_restart")),
            row("pm2 start app.js --name mem --max-memory-restart 300M", state("max_memory_restart")),
            row("pm2 start app.js --name ns --namespace shop", STATE, seen("ns-0")),
            row(
                    "SECRET_A=1 LEVEL=x pm2 start app.js --name fe --filter-env LEVEL",
                    state("SECRET_A", "LEVEL", "filter_env"),
                    seen("fe-0")),
            row("pm2 start app.js --name time --time", state("log_date_format"), file("home/logs/time-out.log")),
            row(
                    "pm2 start app.js --name date --log-date-format 'YYYY-MM-DD HH:mm:ss'",
                    state("log_date_format"),
                    file("home/logs/date-out.log")),
            row("pm2 start app.js --name json --log-type json", state("log_type")),
            row("pm2 start app.js --name w --watch --ignore-watch 'tmp log'", state("watch", "ignore_watch")),
            row(
                    "pm2 start app.js --name kt --kill-timeout 800 --listen-timeout 900",
                    one("kt", "status", "kill_timeout")),
            row("pm2 start app.js --name rd --restart-delay 500", state("restart_delay")),
            row("pm2 start app.js --name eb --exp-backoff-restart-delay 150", state("exp_backoff_restart_delay")),
            row("pm2 start app.js --name pidf -p ../own.pid", one("pidf", "status", "pm_pid_path"))
                    .better("a single instance's pid file is called as was wanted"),
            row("pm2 start app.js --name merged -i 2 --merge-logs", state("merge_logs")),
            row("pm2 start app.js --name dl --disable-logs", one("dl", "status", "disable_logs")),
            row("pm2 start app.js --name wr --wait-ready --listen-timeout 300", one("wr", "status", "wait_ready"))
                    .better("`launching` until it says so, PM2 calls it `online` after `listen_timeout`"),
            row("pm2 delete wr", STATE),
            row("pm2 start app.js --name msg --shutdown-with-message", state("shutdown_with_message")),
            row("pm2 start app.js --name max -i max", state("instances")),
            row("pm2 start app.js --name silent -s", OUT, STATE),
            row("pm2 start app.js --name none --interpreter none; code=$?; pm2 delete none; exit $code")
                    .better("a file that cannot be executed is refused"),
            row("pm2 ls --sort name:desc", COLUMNS),
            row("pm2 jlist", KEYS));

    private static final Group FILES = group(
            "files",
            row("pm2 start two.json", says("\\[PM2] "), state("LEVEL", "OTHER", "args"), seen("one-0"), seen("two-0")),
            row("pm2 start two.json", STATE),
            row("pm2 start two.json --only one", STATE),
            row("pm2 restart two.json --env production", state("LEVEL"), seen("one-0")),
            row("pm2 start two.json --env nothere", STATE),
            row("pm2 stop two.json --only two", STATE),
            row("pm2 stop two.json", STATE),
            row("pm2 start two.json", STATE),
            row("pm2 restart more.json", state("LEVEL", "args")),
            row("pm2 reload more.json", state("LEVEL", "args")),
            row("pm2 startOrRestart more.json", STATE),
            row("pm2 startOrReload more.json", STATE),
            row("pm2 startOrGracefulReload more.json", STATE),
            row("pm2 restart many.json", state("instances")).better("its `instances` and `exec_mode` are applied"),
            row("pm2 delete two.json", STATE),
            row("pm2 start two.json", PREFIXES, STATE).better("PM2 warns that they are not running"),
            row("pm2 delete all", STATE),
            row(
                    "pm2 start ecosystem.config.js --env staging",
                    state("LEVEL", "node_args", "cron_restart", "autorestart")),
            row("pm2 reload ecosystem.config.js", state("LEVEL")),
            row("pm2 reload ecosystem.config.js --only web --env staging", state("LEVEL")),
            row("pm2 delete ecosystem.config.js", STATE),
            row("pm2 start apps.yaml", state("args", "node_args", "PORT", "log_date_format"), seen("yam-undefined")),
            row("pm2 delete apps.yaml", STATE),
            row("cat two.json | pm2 start -", STATE),
            row("cat two.json | pm2 restart -", STATE),
            row("cat two.json | pm2 stop -", STATE),
            row("cat two.json | pm2 delete -", STATE),
            row("pm2 start", STATE),
            row("pm2 delete all", STATE),
            row("pm2 start app.js --env production; code=$?; pm2 delete all; exit $code", STATE)
                    .better("without one it is refused (PM2 spreads its letters into variables)"),
            row("rm ecosystem.config.js; pm2 start", STATE),
            row("pm2 ecosystem simple", folder("work")),
            row("rm -f ecosystem.config.js; pm2 init", folder("work")));

    private static final Group ACTIONS = group(
            "actions",
            row("pm2 start app.js --name a && pm2 start app.js --name b --namespace shop", STATE),
            row("pm2 start app.js --name c -i 2 --namespace shop", STATE),
            row(
                    "pm2 restart a",
                    says("Use --update-env to update environment variables"),
                    says("\\[PM2] Applying action restartProcessId on app \\[a]\\(ids: \\[ 0 ]\\)"),
                    says("\\[PM2] \\[a]\\(0\\) ✓"),
                    COLUMNS,
                    STATE),
            row("pm2 restart 0 1", STATE),
            row("pm2 restart shop", STATE),
            row("pm2 restart /^[ab]$/", STATE),
            row("pm2 restart a nobody", STATE).better("nothing changed"),
            row(
                            "pm2 stop a nobody > /dev/null 2>&1; code=$?; "
                                    + "pm2 jlist | grep -o 'status\":\"[a-z]*'; pm2 restart a > /dev/null; exit $code",
                            OUT,
                            STATE)
                    .better("nothing changed; PM2 acts on those before it"),
            row("pm2 restart all", STATE),
            row("LEVEL=9 pm2 restart a", state("LEVEL"), seen("a-0")),
            row("LEVEL=9 pm2 restart a --update-env", state("LEVEL"), seen("a-0")),
            row("pm2 restart a --name renamed", STATE, seen("renamed-0")),
            row("pm2 restart renamed --name a", STATE),
            row("pm2 restart a -- new args", state("args"), seen("a-0")),
            row("pm2 restart a --cron-restart '0 5 * * *'", state("cron_restart")),
            row("pm2 restart a --cron-restart 0", STATE),
            row("pm2 restart a --max-memory-restart 200M", state("max_memory_restart")),
            row("pm2 restart a --node-args='--trace-warnings'", state("node_args"), seen("a-0")),
            row("pm2 restart a --watch", state("watch")),
            row("pm2 stop a && pm2 restart a", STATE),
            row("pm2 reload a", STATE),
            row("pm2 reload c", says("\\[PM2] \\[c]\\(3\\) ✓"), STATE),
            row("pm2 reload all", STATE),
            row("pm2 restart c -i 1", STATE).better("`-i` scales too"),
            row("pm2 scale c 3", STATE),
            row("pm2 scale c 3"),
            row("pm2 scale c +1", STATE),
            row("pm2 scale c 2", state()).better("the newest instances go first, so that instance 0 stays"),
            row("pm2 delete c && pm2 start app.js --name c -i 2 --namespace shop", STATE),
            row("pm2 scale c x", STATE),
            row("pm2 reset a", says("\\[PM2] Resetting meta for process id 0"), STATE),
            row("pm2 reset all", STATE),
            row("pm2 sendSignal SIGUSR2 a", says("successfully sent signal SIGUSR2 to process name a"), STATE),
            row("pm2 sendSignal SIGUSR2 0", says("successfully sent signal SIGUSR2 to process"), STATE),
            row("pm2 sendSignal SIGNOT a", STATE),
            row(
                    "pm2 send 0 'a line' > /dev/null; "
                            + "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.3; grep '^line' $PM2_HOME/logs/a-out.log && break; done",
                    OUT),
            row("pm2 trigger a nothere"),
            row("pm2 stop shop", STATE),
            row("pm2 start shop", STATE),
            row("pm2 stop all", STATE),
            row("pm2 stop all", STATE),
            row("pm2 pid", OUT),
            row("pm2 start all", STATE),
            row("pm2 stop 0", STATE),
            row("pm2 delete 0", STATE),
            row("pm2 delete /^b/", STATE),
            row("pm2 del shop", STATE));

    private static final Group HOME = group(
            "what the home keeps",
            row("pm2 start app.js --name kept -- x && pm2 start app.js --name still", STATE),
            row("pm2 stop still", STATE),
            row("pm2 save", says("\\[PM2] Saving current process list"), says("Successfully saved in @/home/dump.pm2")),
            row("pm2 dump", folder("home/modules")),
            row("pm2 delete all", STATE),
            row(
                    "pm2 resurrect",
                    says("\\[PM2] Restoring processes located in @/home/dump.pm2"),
                    says("Process <work>/app.js restored"),
                    STATE),
            row("pm2 resurrect", STATE),
            row("pm2 kill", says("PM2 Daemon Stopped|Daemon Stopped")),
            row("pm2 resurrect", STATE, seen("kept-0")),
            row("pm2 kill"),
            row("pm2 cleardump", says("Successfully created @/home/dump.pm2")),
            row("pm2 resurrect", STATE),
            row("pm2 start app.js --name conf", STATE),
            row("pm2 set some value", json("home/module_conf.json")),
            row("pm2 set conf:LEVEL 5", state("LEVEL"), seen("conf-0")),
            row("pm2 set conf.OTHER 6", state("OTHER"), seen("conf-0")),
            row("pm2 multiset 'k1 v1 k2 v2'", json("home/module_conf.json")),
            row("pm2 get some", says("value")),
            row("pm2 get", says("set conf:LEVEL 5")),
            row("pm2 conf", says("set conf:OTHER 6")),
            row("pm2 config k1 v9", json("home/module_conf.json")),
            row("pm2 unset k1", json("home/module_conf.json")),
            row("pm2 unset all", json("home/module_conf.json")),
            row("pm2 update", STATE));

    private static final Group LOOKING = group(
            "looking",
            row("pm2 start app.js --name a && pm2 start app.js --name b -i 2 && pm2 start app.js --name d", STATE),
            row("pm2 id a", OUT),
            row("pm2 id b", OUT),
            row("pm2 ls", COLUMNS),
            row("pm2 list", COLUMNS),
            row("pm2 ps", COLUMNS),
            row("pm2 status", COLUMNS),
            row("pm2 l -m", says("^\\+--- a")),
            row("pm2 ls -m | sed 's/ :.*//' | sed 's/[0-9]\\{2,\\}//' | sort -u", OUT),
            row("pm2 jlist | head -c 1", OUT),
            row("pm2 prettylist | head -c 1", OUT),
            row("pm2 prettylist | grep -c \"exec_mode: 'cluster_mode'\"", OUT),
            row("pm2 prettylist | grep -o 'restart_time: [0-9]*'", OUT),
            row("pm2 prettylist | grep -oE 'NODE_APP_INSTANCE: [0-9]+'", OUT),
            row("pm2 prettylist | grep -c \"name: 'a'\""),
            row("pm2 slist", says("^\\{")),
            row("pm2 describe a", ROW_NAMES),
            row("pm2 describe 0", says("script path\\s+│ <work>/app.js")),
            row("pm2 desc b", says("exec mode\\s+│ cluster_mode")),
            row("pm2 show a > /dev/null"),
            row("pm2 info nobody"),
            row("pm2 env 0", VARIABLES),
            row("pm2 env a"),
            row("pm2 env 99"),
            row("pm2 logs --nostream --lines 2 a", says("last 2 lines:"), says("^0\\|a        \\| hello of a")),
            row("pm2 logs --nostream b", says("^1\\|b        \\| hello of b")),
            row("pm2 logs --nostream --lines 1 --out a", says("hello of a")),
            row("pm2 logs --nostream --lines 1 --err a", says("oops of a")),
            row("pm2 logs --nostream --raw a --lines 1", says("^hello of a")),
            row("pm2 logs 0 --nostream", says("\\[TAILING] Tailing last 15 lines for \\[0] process")),
            row("pm2 logs /^a/ --nostream", says("hello of a")),
            row("pm2 logs nobody --nostream"),
            row("pm2 flush a", says("\\[PM2] Logs flushed"), empty("home/logs/a-out.log")),
            row("pm2 flush", says("@/home/logs/d-out.log"), empty("home/logs/d-out.log")),
            row("pm2 flush nobody").better("`flush` of what is not there is refused"),
            row("pm2 reloadLogs", says("Reloading all logs")),
            row("pm2 report", says("PM2 report")),
            row("pm2 pid d | grep -c '^[0-9][0-9]*$'", OUT),
            row("pm2 pid b | wc -l", OUT),
            row("pm2 send 1 line"),
            row("pm2 send 44 line"),
            row("pm2 deploy production setup"),
            row("pm2 startup nosuchsystem"));

    static final List<Group> GROUPS = List.of(NOTHING, SCRIPTS, OPTIONS, FILES, ACTIONS, HOME, LOOKING);
}
