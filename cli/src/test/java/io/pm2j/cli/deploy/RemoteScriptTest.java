package io.pm2j.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.cli.typed.Failure;
import io.pm2j.config.read.Node;
import io.pm2j.config.read.Node.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RemoteScriptTest {
    @Test
    void namesThePortTheKeyAndTheUser() throws Exception {
        DeployTarget target = target(Map.of("user", "deploy", "port", "2222", "key", "/k", "ssh_options", "A=b"));
        assertThat(target.ssh("h")).containsExactly("ssh", "-p", "2222", "-i", "/k", "-o", "A=b", "deploy@h");
        assertThat(target.ssh("root@h")).endsWith("root@h");
    }

    @Test
    void quotesWhatAFileSays() throws Exception {
        DeployTarget target = target(Map.of("repo", "a'; id; '", "ref", "x$(id)"));
        assertThat(new RemoteScript(target).setup())
                .contains("git clone --quiet 'a'\\''; id; '\\''' ", "--hard 'x$(id)'");
    }

    @Test
    void fetchesLittleWhenFast() throws Exception {
        assertThat(new RemoteScript(target(Map.of("fetch", "fast"))).update("r", ""))
                .contains("--depth=5");
        assertThat(new RemoteScript(target(Map.of())).update("r", "")).doesNotContain("--depth");
    }

    @Test
    void runsTheUsualCommandWhereNoPostDeployIs() throws Exception {
        assertThat(new RemoteScript(target(Map.of())).update("r", "usual")).contains("\nusual\n");
        assertThat(new RemoteScript(target(Map.of("post-deploy", "mine"))).update("r", "usual"))
                .contains("\nmine\n")
                .doesNotContain("usual");
    }

    @Test
    void refusesHostsThatAreOptionsAndRelativePaths() {
        assertThatThrownBy(() -> target(Map.of("host", "-oProxyCommand=x"))).hasMessageContaining(".host");
        assertThatThrownBy(() -> target(Map.of("path", "here"))).hasMessageContaining("absolute");
    }

    private static DeployTarget target(Map<String, String> more) throws Failure {
        Map<String, Node> fields = new LinkedHashMap<>();
        fields.put("host", Node.text("h"));
        fields.put("repo", Node.text("r"));
        fields.put("path", Node.text("/p"));
        more.forEach((name, value) -> fields.put(name, Node.text(value)));
        return DeployTarget.of(object(Map.of("deploy", object(Map.of("x", object(fields))))), "file", "x");
    }

    private static Node object(Map<String, Node> fields) {
        return new Node.Obj(Position.UNKNOWN, fields, Map.of());
    }
}
