package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `deploy` to an ssh server on loopback, from a bare git repository.
class DeployIT {
    @RegisterExtension
    final Product product = new Product();

    private @Nullable Process server;
    private Path path = Path.of("");

    @BeforeEach
    void serve() throws Exception {
        assumeTrue(
                product.command(List.of("sh", "-c", "command -v ssh git ssh-keygen && test -x /usr/sbin/sshd"))
                                .exit()
                        == 0,
                "ssh, sshd or git is not installed");
        path = product.work().resolve("host/app");
        int port = product.freePort();
        startServer(port);
        shell("""
                git init -q .
                git init -q --bare -b main repo.git
                git clone -q repo.git clone 2>/dev/null
                cd clone
                git config user.email a@b.c && git config user.name a
                echo one >version && git add version && git commit -qm 'Say one' && git push -q origin HEAD:main
                """);
        product.write("ecosystem.json", """
                {"apps": [{"script": "app.js"}],
                 "deploy": {"production": {
                   "user": "%s", "host": ["127.0.0.1"], "port": %d, "key": "%s",
                   "ssh_options": ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes"],
                   "ref": "origin/main", "repo": "%s", "path": "%s",
                   "env": {"GREETING": "it's"},
                   "pre-setup": "echo before setup", "post-setup": "echo after setup",
                   "pre-deploy-local": "echo local >>%s", "pre-deploy": "echo before; cat version",
                   "post-deploy": "echo $GREETING $(cat version) >>../deployed"}}}
                """.formatted(
                        System.getProperty("user.name"),
                        port,
                        product.work().resolve("key"),
                        product.work().resolve("repo.git"),
                        path,
                        product.work().resolve("local")));
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            server.destroy();
            server.waitFor();
        }
    }

    @Test
    void setsUpUpdatesAndReverts() throws Exception {
        deploy("update").fails();
        assertThat(deploy("setup").succeeds().out()).contains("before setup", "after setup");
        assertThat(path.resolve("current").toRealPath())
                .isEqualTo(path.resolve("source").toRealPath());
        assertThat(path.resolve("shared/logs")).isDirectory();
        deploy("setup").fails();

        deploy().succeeds();
        assertThat(product.work().resolve("local")).hasContent("local\nlocal");
        shell("cd clone && echo two >version && git commit -qam 'Say two' && git push -q origin HEAD:main");
        assertThat(deploy("update").succeeds().out()).contains("Say two");
        assertThat(deploy("current").succeeds().out()).contains("Say two");
        assertThat(deploy("previous").succeeds().out()).contains("Say one");
        assertThat(deploy("exec", "cat version").succeeds().out()).contains("two");

        deploy("revert", "1").succeeds();
        assertThat(deploy("curr").succeeds().out()).contains("Say one");
        assertThat(deploy("list").succeeds().out().lines().filter(line -> line.matches("\\s+\\d+\\s+[0-9a-f]{40}")))
                .hasSize(3);
        deploy("origin/main").succeeds();
        assertThat(path.resolve("deployed")).hasContent("it's one\nit's two\nit's one\nit's two\n".strip());
        deploy("revert", "9").fails();
    }

    @Test
    void saysWhatIsWrongAndTouchesNothing() throws Exception {
        product.run("deploy", "ecosystem.json", "staging", "setup").refusesSaying("deploy.staging", "production");
        product.run("deploy", "ecosystem.json").refusesSaying("environment");
        deploy("exec").refusesSaying("exec what?");
        deploy("setup").succeeds();
        Ran failed = deploy("no-such-commit");
        assertThat(failed.fails().err()).contains("deploy failed on 127.0.0.1");
        product.write(
                "broken.json",
                "{\"apps\":[],\"deploy\":{\"x\":{\"host\":\"h\",\"repo\":\"r\",\"path\":\"/p\",\"post-deply\":\"\"}}}");
        product.run("deploy", "broken.json", "x").refusesSaying("post-deply", "post-deploy");
    }

    private Ran deploy(String... words) throws Exception {
        var all = new java.util.ArrayList<>(List.of("deploy", "ecosystem.json", "production"));
        all.addAll(List.of(words));
        return product.run(all.toArray(String[]::new));
    }

    private void startServer(int port) throws Exception {
        shell("ssh-keygen -q -t ed25519 -N '' -f key && ssh-keygen -q -t ed25519 -N '' -f hostkey && cp key.pub keys");
        Files.setPosixFilePermissions(product.work().resolve("keys"), PosixFilePermissions.fromString("rw-------"));
        product.write("sshd_config", """
                Port %d
                ListenAddress 127.0.0.1
                HostKey %2$s/hostkey
                AuthorizedKeysFile %2$s/keys
                PidFile none
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                PermitRootLogin yes
                """.formatted(port, product.work()));
        Files.createDirectories(Path.of("/run/sshd"));
        server = new ProcessBuilder(
                        "/usr/sbin/sshd",
                        "-D",
                        "-e",
                        "-f",
                        product.work().resolve("sshd_config").toString())
                .redirectErrorStream(true)
                .redirectOutput(product.work().resolve("sshd.log").toFile())
                .start();
        Product.eventually("sshd listens", () -> Product.listens(port), listens -> listens);
    }

    private void shell(String script) throws Exception {
        product.command(List.of("sh", "-ec", script)).succeeds();
    }
}
