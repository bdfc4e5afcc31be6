package io.pm2j.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.NotHere;
import io.pm2j.config.read.Attribute;
import io.pm2j.config.read.Node;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is typed about an app is as if it stood in its file.
class TypedAppsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-n api                          | NAME                       | api",
                "--name api                      | NAME                       | api",
                "-i max                          | INSTANCES                  | max",
                "--instances -1                  | INSTANCES                  | -1",
                "--port 80                       | PORT                       | 80",
                "--interpreter python3           | INTERPRETER                | python3",
                "--interpreter-args -u           | INTERPRETER_ARGS           | -u",
                "--node-args --harmony           | INTERPRETER_ARGS           | --harmony",
                "--cwd /srv                      | CWD                        | /srv",
                "--namespace shop                | NAMESPACE                  | shop",
                "--wait-ready                    | WAIT_READY                 | true",
                "--listen-timeout 900            | LISTEN_TIMEOUT             | 900",
                "-k 900                          | KILL_TIMEOUT               | 900",
                "--kill-timeout 900              | KILL_TIMEOUT               | 900",
                "--kill-signal SIGTERM           | KILL_SIGNAL                | SIGTERM",
                "--no-autorestart                | AUTORESTART                | false",
                "--no-autostart                  | AUTOSTART                  | false",
                "--no-treekill                   | TREEKILL                   | false",
                "--max-restarts 3                | MAX_RESTARTS               | 3",
                "--restart-delay 10              | RESTART_DELAY              | 10",
                "--min-uptime 500                | MIN_UPTIME                 | 500",
                "--exp-backoff-restart-delay 100 | EXP_BACKOFF_RESTART_DELAY  | 100",
                "--stop-exit-codes 0 1           | STOP_EXIT_CODES            | 0 1",
                "--max-memory-restart 300M       | MAX_MEMORY_RESTART         | 300M",
                "--cron @daily                   | CRON_RESTART               | @daily",
                "--cron-restart @daily           | CRON_RESTART               | @daily",
                "-c @daily                       | CRON_RESTART               | @daily",
                "--watch                         | WATCH                      | true",
                "--ignore-watch tmp,*.md         | IGNORE_WATCH               | tmp *.md",
                "--watch-delay 4                 | WATCH_DELAY                | 4000ms",
                "--watch-delay 0.5               | WATCH_DELAY                | 500ms",
                "--watch-delay 4000ms            | WATCH_DELAY                | 4000ms",
                "--shutdown-with-message         | SHUTDOWN_WITH_MESSAGE      | true",
                "--uid www                       | UID                        | www",
                "--gid www                       | GID                        | www",
                "--log all.log                   | LOG_FILE                   | all.log",
                "-l all.log                      | LOG_FILE                   | all.log",
                "--log-type json                 | LOG_TYPE                   | json",
                "--log-date-format HH            | LOG_DATE_FORMAT            | HH",
                "--time                          | TIME                       | true",
                "--disable-logs                  | DISABLE_LOGS               | true",
                "--merge-logs                    | MERGE_LOGS                 | true",
                "--pid a.pid                     | PID_FILE                   | a.pid",
                "-p a.pid                        | PID_FILE                   | a.pid",
                "--filter-env A --filter-env B   | FILTER_ENV                 | A B",
                "--source-map-support            | SOURCE_MAP_SUPPORT         | true",
                "--disable-source-map-support    | DISABLE_SOURCE_MAP_SUPPORT | true",
                "-o out.log                      | OUT_FILE                   | out.log",
                "--output out.log                | OUT_FILE                   | out.log",
                "-e err.log                      | ERROR_FILE                 | err.log",
                "--error err.log                 | ERROR_FILE                 | err.log",
                "-x                              | EXEC_MODE                  | fork",
                "--execute-command               | EXEC_MODE                  | fork",
                "--instance-var NR               | INSTANCE_VAR               | NR"
            })
    void everyOptionIsItsAttribute(String typed, Attribute attribute, String value) throws Failure {
        Node node = TypedApps.options(Arguments.parse(("start app.js " + typed).split(" ")), "")
                .of(attribute)
                .orElseThrow();

        assertThat(node.shown().replace("'", "")).isEqualTo(value);
    }

    @Test
    void pathsToWatchAreSeveral() throws Failure {
        assertThat(TypedApps.options(Arguments.parse("start", "a.js", "--watch", "src", "--watch=lib"), "")
                        .of(Attribute.WATCH))
                .hasValueSatisfying(
                        node -> assertThat(((Node.Arr) node).elements()).hasSize(2));
    }

    @Test
    void whatIsOfPm2AloneIsToldWhatToDoInstead() {
        assertThat(NotHere.commandNames())
                .allSatisfy(name -> assertThat(NotHere.command(name))
                        .hasValueSatisfying(sentence ->
                                assertThat(sentence).startsWith(name + " ").contains("(expected: ")));
        assertThat(NotHere.optionSpellings())
                .allSatisfy(name -> assertThatThrownBy(() -> Arguments.parse("start", "a.js", name))
                        .hasMessageContainingAll(name, "(expected: "));
        assertThat(List.of(Commands.values()))
                .allSatisfy(command -> assertThat(NotHere.commandNames()).doesNotContainAnyElementsOf(command.names()));
    }
}
