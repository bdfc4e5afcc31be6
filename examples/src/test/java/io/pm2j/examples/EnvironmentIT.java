package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a program finds around it: variables, rights, limits, its folder.
class EnvironmentIT {
    private static final String FILE = "ecosystem.config.js";

    @RegisterExtension
    final Product product = new Product();

    private int port;

    @BeforeEach
    void place() throws Exception {
        product.app("shows-environment");
        port = product.freePort();
    }

    @Test
    void aReloadTakesVariablesOutChangesThemAndAddsThem() throws Exception {
        web("env: { PORT: %d, GONE: 'a', CHANGED: 'a' }, instances: 2");
        product.run("start", FILE).succeeds();
        assertThat(env().get("GONE")).isEqualTo("a");

        web("env: { PORT: %d, CHANGED: 'b', NEW: 'b' }, instances: 2");
        product.run("reload", FILE).succeeds();

        Map<String, String> env = env();
        assertThat(env).doesNotContainKey("GONE").containsEntry("CHANGED", "b").containsEntry("NEW", "b");

        web("env: { PORT: %d, CHANGED: 'c' }, instances: 2");
        product.run("restart", FILE).succeeds();
        assertThat(env()).doesNotContainKey("NEW").containsEntry("CHANGED", "c");
    }

    @Test
    void theShellsVariablesStayThoseOfTheFirstStartUntilTheyAreAskedFor() throws Exception {
        web("env: { PORT: %d }");
        product.with("SHELL_SAYS", "first").run("start", FILE).succeeds();
        assertThat(env()).containsEntry("SHELL_SAYS", "first");

        product.with("SHELL_SAYS", "second");
        for (String verb : new String[] {"restart", "reload"}) {
            product.run(verb, FILE).succeeds();
            assertThat(env()).as(verb + " " + FILE).containsEntry("SHELL_SAYS", "first");
            product.run(verb, "web").succeeds();
            assertThat(env()).as(verb + " web").containsEntry("SHELL_SAYS", "first");
        }

        int n = 0;
        for (String verb : new String[] {"restart", "reload"}) {
            for (String what : new String[] {FILE, "web"}) {
                product.with("SHELL_SAYS", "asked " + ++n);
                product.run(verb, what, "--update-env").succeeds();
                assertThat(env()).as(verb + " " + what).containsEntry("SHELL_SAYS", "asked " + n);
            }
        }
    }

    @Test
    void theFileChoosesItsVariables() throws Exception {
        product.write("common.env", "# of all\nFROM_FILE=\"x y\"\nGREETING=file\nexport ONLY_FILE=1\n");
        web("env_file: 'common.env', filter_env: ['SECRET'], append_env_to_name: true,"
                + " env: { PORT: %d, GREETING: 'usual', DEPTH: { a: 1 } },"
                + " env_production: { GREETING: 'production' }");
        product.with("MY_SECRET_KEY", "s").with("VISIBLE", "v");

        product.run("start", FILE, "--env", "production").succeeds();

        assertThat(env())
                .containsEntry("FROM_FILE", "x y")
                .containsEntry("ONLY_FILE", "1")
                .containsEntry("GREETING", "production")
                .containsEntry("DEPTH", "{\"a\":1}")
                .containsEntry("VISIBLE", "v")
                .doesNotContainKey("MY_SECRET_KEY")
                .as("what is the daemon's own")
                .doesNotContainKeys("_JAVA_SR_SIGNUM", "MALLOC_ARENA_MAX");
        assertThat(product.processes("web-production")).hasSize(1);
        product.run("reload", FILE, "--env", "production").succeeds();
        assertThat(product.jlist()).hasSize(1);
    }

    @Test
    void instancesAreNumbered() throws Exception {
        web("instances: 3, increment_var: 'NUMBER', instance_var: 'WHO', env: { PORT: %d, NUMBER: 7000 }");

        product.run("start", FILE).succeeds();

        Map<String, String> numbers = new HashMap<>();
        Product.eventually(
                "all three answer",
                () -> {
                    Map<String, String> env = env();
                    numbers.put(env.get("WHO"), env.get("NUMBER"));
                    return numbers.size();
                },
                size -> size == 3);
        assertThat(numbers).isEqualTo(Map.of("0", "7000", "1", "7001", "2", "7002"));
    }

    @Test
    void rightsAndLimitsAreThoseOfTheFile() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can take another's rights");
        for (Path folder = product.work(); folder != null; folder = folder.getParent()) {
            assumeTrue(
                    Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_EXECUTE)
                            || folder.startsWith(product.home().getParent()),
                    "others can get to the fixture");
        }
        for (Path folder : new Path[] {product.work(), product.work().getParent()}) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        web("uid: 'nobody', gid: 'nogroup', umask: '027', open_files: 4321, instances: 1, env: { PORT: %d }");

        product.run("start", FILE).succeeds();

        JsonNode given = given();
        assertThat(given.path("uid").asInt()).isEqualTo(65534);
        assertThat(given.path("gid").asInt()).isEqualTo(65534);
        assertThat(given.path("umask").asText()).isEqualTo("27");
        assertThat(given.path("openFiles").asText()).isEqualTo("4321");
        assertThat(given.path("env").path("HOME").asText()).isEqualTo("/nonexistent");
    }

    @Test
    void aFolderThatIsALinkIsFollowedAnewAtEachReload() throws Exception {
        Path app = product.app("reads-at-start");
        for (String release : new String[] {"1", "2"}) {
            product.write("releases/" + release + "/app.js", Files.readString(app.resolve("app.js")));
            product.write("releases/" + release + "/content.txt", "release " + release);
        }
        Path current = product.work().resolve("current");
        Files.createSymbolicLink(current, Path.of("releases/1"));
        product.ecosystem(
                "name: 'web', cwd: '%s', script: 'app.js', instances: 2, env: { PORT: %d }".formatted(current, port),
                "name: 'alone', cwd: '%s', script: 'app.js', env: { PORT: %d }".formatted(current, product.freePort()));
        product.run("start", FILE).succeeds();
        assertThat(given().path("content").asText()).isEqualTo("release 1");

        relink(current, "releases/2");
        product.run("reload", "web").succeeds();
        assertThat(given().path("content").asText()).isEqualTo("release 2");
        assertThat(given().path("cwd").asText())
                .isEqualTo(product.work().resolve("releases/2").toRealPath().toString());

        relink(current, "releases/1");
        product.run("reload", FILE).succeeds();
        assertThat(given().path("content").asText()).isEqualTo("release 1");
    }

    private static void relink(Path link, String target) throws Exception {
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of(target));
    }

    private void web(String more) throws Exception {
        product.ecosystem("name: 'web', script: 'shows-environment/app.js', " + more.formatted(port));
    }

    private JsonNode given() throws Exception {
        product.answers(port);
        return product.json(port);
    }

    private Map<String, String> env() throws Exception {
        Map<String, String> env = new HashMap<>();
        given().path("env")
                .properties()
                .forEach(e -> env.put(e.getKey(), e.getValue().asText()));
        return env;
    }
}
