package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `depends_on`: apps that wait for others, with real processes.
class DependsOnIT {
    /// Writes down when it is ready, a moment after its start, and when it is told to end.
    private static final String APP = """
            const fs = require('fs');
            const say = what => fs.appendFileSync('order.txt', process.env.name + ' ' + what + '\\n');
            say('starts');
            setTimeout(() => { say('ready'); process.send('ready'); }, 400);
            process.on('SIGINT', () => { say('ends'); process.exit(0); });
            setInterval(() => {}, 1000);
            """;

    @RegisterExtension
    final Product product = new Product();

    private static String app(String name, String script, String more) {
        return "name: '" + name + "', script: '" + script
                + "', wait_ready: true, listen_timeout: 60000, kill_timeout: 30000" + more;
    }

    private List<String> order() throws Exception {
        return Files.readAllLines(product.work().resolve("order.txt"));
    }

    @Test
    void eachStartsWhenWhatItNeedsIsReadyAndEndsBeforeIt() throws Exception {
        product.write("app.js", APP);
        product.ecosystem(
                app("web", "app.js", ", depends_on: {api: {condition: 'ready'}}"),
                app("api", "app.js", ", depends_on: ['db']"),
                app("db", "app.js", ""));

        product.run("start", "ecosystem.config.js").succeeds();

        List<String> started = List.of("db starts", "db ready", "api starts", "api ready", "web starts", "web ready");
        assertThat(order()).isEqualTo(started);
        Files.delete(product.work().resolve("order.txt"));
        product.run("stop", "all").succeeds();
        assertThat(order()).containsExactly("web ends", "api ends", "db ends");

        Files.delete(product.work().resolve("order.txt"));
        product.run("start", "all").succeeds();
        assertThat(order()).isEqualTo(started);
        product.run("save").succeeds();
        Files.delete(product.work().resolve("order.txt"));
        product.run("kill").succeeds();
        assertThat(order()).containsExactly("web ends", "api ends", "db ends");

        Files.delete(product.work().resolve("order.txt"));
        product.run("resurrect").succeeds();
        assertThat(order()).isEqualTo(started);
    }

    @Test
    void whatNeedsAnAppThatDoesNotGetReadyIsNotStarted() throws Exception {
        product.write("app.js", APP);
        product.write("never.js", "setInterval(() => {}, 1000)");
        product.ecosystem(
                "name: 'db', script: 'never.js', wait_ready: true, listen_timeout: 500",
                app("web", "app.js", ", depends_on: 'db'"),
                app("side", "app.js", ", depends_on: {db: 'started'}"));

        assertThat(product.run("start", "ecosystem.config.js").fails().all())
                .contains("App [web] was not started: db, which it depends on, is not ready within 500 ms"
                        + " (listen_timeout)");

        assertThat(product.statuses("web")).containsOnly("stopped");
        assertThat(product.statuses("side")).containsOnly("online");
        assertThat(order()).doesNotContain("web starts");
    }

    @Test
    void circlesAndUnknownNamesAreNamedWithTheirLines() throws Exception {
        product.write("app.js", APP);
        product.write("ecosystem.json", """
                {"apps": [
                  {"name": "a", "script": "app.js", "depends_on": "b"},
                  {"name": "b", "script": "app.js", "depends_on": ["a"]},
                  {"name": "c", "script": "app.js", "depends_on": ["databse"]},
                  {"name": "database", "script": "app.js", "depends_on": {"a": {"condition": "healthy"}}}
                ]}
                """);

        String all = product.run("validate", "ecosystem.json").fails().all();

        assertThat(all)
                .contains("ecosystem.json:2:")
                .contains("goes round in a circle: a -> b -> a (expected: an app to begin with)")
                .contains("ecosystem.json:4:")
                .contains("there is no app 'databse' in the file (did you mean 'database'?)")
                .contains("ecosystem.json:5:")
                .contains("a: condition 'healthy' (expected: started or ready)");
        assertThat(product.run("start", "ecosystem.json").fails().all()).contains("goes round in a circle");
        assertThat(product.jlist()).isEmpty();
    }
}
