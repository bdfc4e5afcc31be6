package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What happens, told to programs (`bus`) and to people (`monit`).
class BusIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String TALKER = """
            setInterval(() => {
              process.send({ type: 'process:msg', data: { success: true, n: 7 } });
              process.send({ type: 'axm:monitor', data: { Users: { value: 42, unit: 'logged in' } } });
              process.send({ anything: 'else' });
              console.log('a line'); console.error('a complaint');
            }, 300);
            """;

    @RegisterExtension
    final Product product = new Product();

    @Test
    void messagesLogsAndEventsAreObjectsALine() throws Exception {
        product.write("talker.js", TALKER);
        product.run("start", "talker.js", "--namespace", "shop").succeeds();
        product.run("start", "/bin/sleep", "--name", "other", "--", "600").succeeds();
        Path told = product.home().resolve("told");
        Process bus = follow(told, "talker");
        try {
            JsonNode message = topic(told, "process:msg", payload -> payload.has("data"));
            assertThat(message.path("data").toString()).isEqualTo("{\"success\":true,\"n\":7}");
            assertThat(message.path("process").toString())
                    .isEqualTo("{\"pm_id\":0,\"name\":\"talker\",\"namespace\":\"shop\"}");
            assertThat(message.path("at").asLong()).isGreaterThan(1_700_000_000_000L);
            assertThat(topic(told, "process:msg", payload -> payload.has("raw"))
                            .path("raw")
                            .toString())
                    .isEqualTo("{\"anything\":\"else\"}");
            assertThat(topic(told, "log:out", _ -> true).path("data").asText()).isEqualTo("a line\n");
            assertThat(topic(told, "log:err", _ -> true).path("data").asText()).isEqualTo("a complaint\n");

            product.run("sendSignal", "SIGKILL", "talker").succeeds();
            assertThat(event(told, "exit").path("manually").asBoolean(true)).isFalse();
            assertThat(event(told, "restart").at("/process/restart_time").asInt())
                    .isEqualTo(1);
            event(told, "online");
            product.run("stop", "all").succeeds();
            assertThat(event(told, "stop").path("manually").asBoolean()).isTrue();
            product.run("delete", "all").succeeds();
            assertThat(event(told, "delete").at("/process/name").asText()).isEqualTo("talker");
            assertThat(Files.readString(told)).doesNotContain("\"other\"");
        } finally {
            bus.destroyForcibly().waitFor();
        }
        product.run("bus", "nobody").refusesSaying("nobody");
    }

    @Test
    void monitIsAScreenThatFollowsKeysAndGivesTheTerminalBack() throws Exception {
        assumeTrue(product.command(List.of("sh", "-c", "command -v tmux")).exit() == 0, "tmux is not there");
        product.write("talker.js", TALKER);
        product.run("start", "/bin/sleep", "--name", "first", "--", "600").succeeds();
        product.run("start", "talker.js").succeeds();
        String socket = product.work().resolve("tmux").toString();
        tmux(socket, "new-session", "-d", "-x", "120", "-y", "34", "env PS1='ready> ' bash --norc --noprofile");
        try {
            tmux(socket, "send-keys", Product.ROOT.resolve("pm2j") + " monit", "Enter");
            // A terminal may show a part of what is being painted.
            screen(
                    socket,
                    "Process List",
                    "first Logs",
                    "Custom Metrics",
                    "Metadata",
                    ">[0] first",
                    "/bin/sleep",
                    "q: quit");

            tmux(socket, "send-keys", "Down");
            screen(socket, "a complaint", ">[1] talker", "talker Logs", "a line");
            screen(socket, "42 logged in", "Users");

            tmux(socket, "resize-window", "-x", "90", "-y", "24");
            String screen = screen(socket, "a line");
            assertThat(screen.lines().toList()).hasSizeLessThanOrEqualTo(25);
            Product.eventually(
                    "the frame has the new width",
                    () -> shown(socket)
                            .lines()
                            .filter(line -> line.startsWith("┌"))
                            .toList(),
                    frames -> !frames.isEmpty() && frames.stream().allMatch(line -> line.length() == 90));

            tmux(socket, "send-keys", "q");
            screen(socket, "ready>");
            tmux(socket, "send-keys", "stty -a | grep -o ' icanon'; echo done", "Enter");
            assertThat(screen(socket, "\ndone", "\n icanon\n")).doesNotContain("Process List");
            tmux(socket, "send-keys", Product.ROOT.resolve("pm2j") + " monit talker", "Enter");
            screen(socket, ">[1] talk");
            tmux(socket, "send-keys", "C-c");
            screen(socket, "\nready> ");
        } finally {
            product.command(List.of("tmux", "-S", socket, "kill-server"));
            Files.deleteIfExists(Path.of(socket));
        }
        product.run("monit").refusesSaying("monit", "terminal");
    }

    private Process follow(Path told, String selector) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Product.ROOT.resolve("pm2j").toString(), "bus", selector)
                .directory(product.work().toFile())
                .redirectOutput(told.toFile());
        builder.environment().put("PM2J_HOME", product.home().toString());
        Process bus = builder.start();
        topic(told, "bus:open", _ -> true);
        return bus;
    }

    private static JsonNode event(Path told, String word) throws Exception {
        return topic(
                told, "process:event", payload -> payload.path("event").asText().equals(word));
    }

    /// The payload of the first happening of that topic which is as wanted.
    private static JsonNode topic(Path told, String topic, java.util.function.Predicate<JsonNode> wanted)
            throws Exception {
        List<JsonNode> found = Product.eventually(
                topic,
                () -> {
                    List<JsonNode> all = new ArrayList<>();
                    String text = Files.readString(told);
                    for (String line : text.substring(0, text.lastIndexOf('\n') + 1)
                            .lines()
                            .toList()) {
                        JsonNode happening = JSON.readTree(line);
                        if (happening.path("topic").asText().equals(topic) && wanted.test(happening.path("payload"))) {
                            all.add(happening.path("payload"));
                        }
                    }
                    return all;
                },
                all -> !all.isEmpty());
        return found.getFirst();
    }

    private void tmux(String socket, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("tmux", "-S", socket));
        command.addAll(List.of(words));
        product.command(command).succeeds();
    }

    private String shown(String socket) throws Exception {
        return "\n"
                + product.command(List.of("tmux", "-S", socket, "capture-pane", "-p"))
                        .out();
    }

    private String screen(String socket, String... texts) throws Exception {
        return Product.eventually(
                String.join(", ", texts),
                () -> shown(socket),
                shown -> List.of(texts).stream().allMatch(shown::contains));
    }
}
