package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.read.EcosystemSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `ecosystem`, or `init`: a file to begin with, in the working folder.
final class Scaffold {
    private static final String SIMPLE_JS = """
            module.exports = {
              apps: [{
                name: 'app1',
                script: './app.js'
              }]
            }
            """;
    private static final String FULL_JS = """
            module.exports = {
              apps: [{
                name: 'app1',
                script: './app.js',
                instances: 2,
                max_memory_restart: '300M',
                kill_timeout: 5000,
                env: {
                  NODE_ENV: 'development'
                },
                env_production: {
                  NODE_ENV: 'production'
                }
              }]
            }
            """;
    private static final String JSON = """
            {
              "apps": [
                {
                  "name": "app1",
                  "script": "./app.js",
                  "env_production": { "NODE_ENV": "production" }
                }
              ]
            }
            """;
    private static final String YAML = """
            apps:
              - name: app1
                script: ./app.js
                env_production:
                  NODE_ENV: production
            """;

    private Scaffold() {}

    private record Sample(String file, String text) {}

    /// Better than PM2, which overwrites what is there.
    static int run(Session session) throws Failure {
        if (session.typed.has(Option.SKELETON)) {
            return Skeleton.run(session);
        }
        List<String> kinds = session.typed.operands();
        Sample sample = switch (kinds.isEmpty() ? "" : kinds.getFirst()) {
            case "" -> new Sample("ecosystem.config.js", FULL_JS);
            case "simple" -> new Sample("ecosystem.config.js", SIMPLE_JS);
            case "json" -> new Sample("ecosystem.json", JSON);
            case "yaml", "yml" -> new Sample("ecosystem.yml", YAML);
            default -> throw new Failure("'" + kinds.getFirst() + "' (expected: simple, json, yaml, or nothing)");
        };
        Path file = Path.of(sample.file).toAbsolutePath();
        if (Files.exists(file) && !session.typed.has(Option.FORCE)) {
            throw new Failure(file + " is there already (expected: --force to overwrite it)");
        }
        try {
            Files.writeString(file, sample.text);
        } catch (IOException e) {
            throw new Failure("cannot write " + file + ": " + e.getMessage());
        }
        session.out.println("File " + file + " generated");
        return ExitCode.OK;
    }

    /// `schema`: what an editor reads to help with an ecosystem file.
    static int schema(Session session) {
        session.out.print(EcosystemSchema.text());
        return ExitCode.OK;
    }
}
