package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is wrong is said in one sentence, and nothing else happens.
class BadInputIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void aMissingScriptIsNamed() throws Exception {
        product.run("start", "gone.js").refusesSaying("gone.js");
    }

    @Test
    void aDirectoryIsNotAScript() throws Exception {
        product.app("hello");
        product.run("start", "hello").refusesSaying("hello");
    }

    @Test
    void aMissingEcosystemFileIsNamed() throws Exception {
        product.run("start", "gone.config.js").refusesSaying("gone.config.js");
    }

    @Test
    void aSyntaxErrorInJavaScriptHasItsLine() throws Exception {
        product.app("syntax-error");
        product.run("start", "syntax-error/ecosystem.config.js").refusesSaying("ecosystem.config.js", "3");
    }

    @Test
    void aSyntaxErrorInJsonHasLineAndColumn() throws Exception {
        product.app("syntax-error");
        product.run("start", "syntax-error/ecosystem.json").refusesSaying("ecosystem.json", "3");
    }

    @Test
    void anUnknownAttributeIsNamedWithTheNearest() throws Exception {
        product.app("hello");
        Files.writeString(
                product.work().resolve("apps.json"),
                "{ \"apps\": [ { \"name\": \"a\", \"script\": \"hello/app.js\", \"max_memory_restrat\": \"1G\" } ] }");

        Ran ran = product.run("start", "apps.json");

        assertThat(ran.all()).contains("max_memory_restrat", "max_memory_restart");
        assertThat(ran.exit()).as(ran.toString()).isEqualTo(1);
    }

    @Test
    void aPortInUseIsNamedWithItsHolder() throws Exception {
        product.app("python");
        try (var holder = new ServerSocket(0)) {
            int port = holder.getLocalPort();

            Ran ran = product.run("start", "python/app.py", "--interpreter", "python3", "--port", "" + port, "-i", "2");

            assertThat(ran.all())
                    .contains("" + port, "" + ProcessHandle.current().pid());
            ran.fails();
        }
    }

    @Test
    void aNameThatIsTakenIsNamed() throws Exception {
        product.start("hello");
        product.app("esm");

        product.run("start", "esm/app.js", "--name", "hello").refusesSaying("hello");
    }

    /// SIGKILL leaves the socket file and the pid file behind.
    @Test
    void theStaleSocketOfADeadDaemonIsNoObstacle() throws Exception {
        product.run("ping").succeeds();
        for (long pid : Processes.of(product.home())) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        Product.eventually(
                "the daemon is gone", () -> Processes.of(product.home()).size(), size -> size == 0);

        assertThat(product.run("ping").succeeds().out()).contains("pong");
    }
}
