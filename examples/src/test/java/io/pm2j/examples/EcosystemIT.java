package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Apps described in a file.
class EcosystemIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void aJavaScriptFileStartsItsApps() throws Exception {
        check("ecosystem.config.js", """
                module.exports = { apps: [
                  { name: 'web', script: 'hello/app.js', instances: 2, env: { PORT: %d, GREETING: 'hi' } },
                  { name: 'crash', script: 'crashes-at-boot/app.js', autorestart: false }
                ] }
                """);
    }

    @Test
    void aJsonFileStartsItsApps() throws Exception {
        check("apps.json", """
                { "apps": [
                  { "name": "web", "script": "hello/app.js", "instances": 2, "env": { "PORT": %d, "GREETING": "hi" } },
                  { "name": "crash", "script": "crashes-at-boot/app.js", "autorestart": false }
                ] }
                """);
    }

    @Test
    void aYamlFileStartsItsApps() throws Exception {
        check("apps.yaml", """
                apps:
                  - name: web
                    script: hello/app.js
                    instances: 2
                    env:
                      PORT: %d
                      GREETING: hi
                  - name: crash
                    script: crashes-at-boot/app.js
                    autorestart: false
                """);
    }

    @Test
    void idsAreInTheOrderOfTheFile() throws Exception {
        String apps = IntStream.range(0, 12)
                .mapToObj(i -> "{ name: 'z%d', script: '/bin/sleep', args: '60' }".formatted(11 - i))
                .collect(Collectors.joining(", ", "[", "]"));
        Files.writeString(product.work().resolve("apps.json"), apps);

        product.run("start", "apps.json").succeeds();

        for (var process : product.jlist()) {
            assertThat(process.path("name").asText())
                    .isEqualTo("z" + (11 - process.path("pm_id").asInt()));
        }
    }

    private void check(String file, String text) throws Exception {
        product.app("hello");
        product.app("crashes-at-boot");
        int port = product.freePort();
        Files.writeString(product.work().resolve(file), text.formatted(port));

        product.run("start", file, "--only", "web").succeeds();

        Product.eventually("answers", () -> product.status(port, "/"), status -> status == 200);
        assertThat(product.json(port).path("greeting").asText()).isEqualTo("hi");
        assertThat(product.pids("web")).hasSize(2);
        assertThat(product.processes("crash")).isEmpty();
        product.run("reload", file, "--only", "web").succeeds();
        product.run("delete", file).succeeds();
        assertThat(product.jlist()).isEmpty();
    }
}
