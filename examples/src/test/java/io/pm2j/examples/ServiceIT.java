package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `startup`, and the service script of `init --skeleton`.
class ServiceIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void systemdFindsNothingToMend() throws Exception {
        assumeTrue(
                product.command(List.of("sh", "-c", "command -v systemd-analyze"))
                                .exit()
                        == 0,
                "no systemd-analyze");
        Path unit = product.write("pm2j-root.service", file("systemd", "[Unit]", "--wait-ip"));
        assertThat(Files.readString(unit))
                .contains(
                        "KillMode=process",
                        "Type=notify",
                        "FileDescriptorStoreMax=",
                        "PM2J_HOME=" + product.home(),
                        "network-online.target");
        Ran verified = product.command(List.of("systemd-analyze", "verify", unit.toString()))
                .succeeds();
        assertThat(verified.err()).doesNotContain("pm2j-root.service");
    }

    @ParameterizedTest
    @ValueSource(strings = {"upstart", "systemv", "openrc", "rcd", "rcd-openbsd"})
    void shellcheckFindsNothingToMend(String platform) throws Exception {
        assumeTrue(product.command(List.of("sh", "-c", "command -v shellcheck")).exit() == 0, "no shellcheck");
        Path script = product.write(platform, file(platform, "#!"));
        product.command(List.of("shellcheck", script.toString())).succeeds();
    }

    @Test
    void launchdGetsWellFormedXml() throws Exception {
        String plist = file("macos", "<?xml");
        assertThat(plist).contains("<string>resurrect</string>", "<string>" + product.home() + "</string>");
        var parser = javax.xml.parsers.DocumentBuilderFactory.newInstance();
        parser.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        assertThat(parser.newDocumentBuilder()
                        .parse(new java.io.ByteArrayInputStream(
                                plist.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                        .getDocumentElement()
                        .getTagName())
                .isEqualTo("plist");
    }

    @Test
    void aServiceStartsAlthoughNothingWasSaved() throws Exception {
        assertThat(file("upstart", "#!")).contains("resurrect --force");
        product.run("resurrect", "--force").succeeds();
        assertThat(product.home().resolve("pm2.pid")).exists();
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        product.run("startup", "sytemd").refusesSaying("sytemd", "systemd", "openrc", "did you mean");
        product.run("startup", "systemd", "--dry-run", "--service-name", "a b").refusesSaying("a b");
        assertThat(product.home().resolve("pm2.pid")).as("no daemon was needed").doesNotExist();
    }

    @Test
    void theServiceScriptOfASkeletonHasFiveVerbs() throws Exception {
        String user = System.getProperty("user.name");
        int port = product.freePort();
        product.run("init", "--skeleton", user, "--port", String.valueOf(port)).succeeds();
        Path root = product.work().resolve(user);
        String script = root.resolve("etc/pm2j-" + user).toString();
        assertThat(root.resolve("etc/logrotate.conf")).content().contains("daily", "rotate 7", root + "/log/*.log");
        if (product.command(List.of("sh", "-c", "command -v shellcheck")).exit() == 0) {
            product.command(List.of(
                            "sh", "-c", "shellcheck " + script + " " + root + "/*.sh " + root + "/scripts/*.sh"))
                    .succeeds();
        }
        product.command(List.of(root.resolve("scripts/install.sh").toString())).succeeds();
        for (String folder : List.of("conf", "data", "log", "src/CURRENT", "tmp", "web/htdocs")) {
            assertThat(root.resolve(folder)).isDirectory();
        }

        assertThat(product.command(List.of(script, "status")).exit()).isEqualTo(3);
        product.command(List.of(script, "start")).succeeds();
        product.answers(port);
        assertThat(product.get(port, "/").body()).contains("It works.");
        assertThat(product.status(port, "/../main.js")).isEqualTo(404);
        assertThat(product.command(List.of(script, "start")).succeeds().out()).contains("runs already");
        assertThat(product.command(List.of(script, "status")).succeeds().out()).contains(user + "-web", "online");
        List<Long> first = product.pids(user + "-web");
        product.command(List.of(script, "reload")).succeeds();
        assertThat(product.pids(user + "-web")).hasSize(1).doesNotContainAnyElementsOf(first);
        product.command(List.of(script, "restart")).succeeds();
        product.answers(port);
        product.command(List.of(script, "stop")).succeeds();
        assertThat(product.command(List.of(script, "status")).exit()).isEqualTo(3);
        assertThat(Product.listens(port)).isFalse();
        assertThat(root.resolve("log/web-out.log")).content().contains("listening on " + port);
        assertThat(product.command(List.of(script, "dance")).exit()).isEqualTo(2);

        product.run("init", "--skeleton", user).refusesSaying("is there already", "--force");
        product.run("init", "--skeleton", "no/user").refusesSaying("no/user", "name of a user");
    }

    /// The service file that `startup` would write, which begins with `start`.
    private String file(String platform, String start, String... more) throws Exception {
        var command = new java.util.ArrayList<>(List.of("startup", platform, "--dry-run"));
        command.addAll(List.of(more));
        String printed = product.with("PATH", "/usr/local/bin:/usr/bin:/bin")
                .run(command.toArray(String[]::new))
                .succeeds()
                .out();
        assertThat(printed).contains("Target path", start);
        return printed.substring(printed.indexOf(start));
    }
}
