package io.pm2j.config.read;

import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Evaluates a JavaScript ecosystem file with the installed Node: CommonJS or ESM, an object, a function, a promise.
final class JavaScriptFile {
    private static final long LONGEST_SECONDS = 30;
    /// `import()` takes CommonJS too; what the file prints itself goes to standard error.
    private static final String EVALUATE = """
            console.log = console.info = console.debug = console.error;
            const { pathToFileURL } = require('node:url');
            (async () => {
              const loaded = await import(pathToFileURL(process.argv[1]).href);
              let value = 'default' in loaded ? loaded.default : loaded['module.exports'] ?? loaded;
              if (value && value.__esModule && value.default) value = value.default;
              if (typeof value === 'function') value = value();
              value = await value;
              process.stdout.write(JSON.stringify(value === undefined ? null : value));
            })().catch((problem) => {
              console.error(problem && problem.stack ? problem.stack : String(problem));
              process.exitCode = 1;
            });
            """;

    private static final Pattern PLACE = Pattern.compile("(?:file://)?(/[^\\n]*?):(\\d+)(?::(\\d+))?\\)?$");
    private static final Pattern CARET = Pattern.compile("^( *)\\^+ *$");
    private static final Pattern ERROR = Pattern.compile("^(?:Uncaught )?(\\w*Error\\b.*)$");

    private JavaScriptFile() {}

    static Node evaluate(Path file, Caller caller) throws InvalidConfig {
        Path node = new ScriptFinder(caller.cwd(), caller.path())
                .program("node")
                .orElseThrow(
                        () -> new InvalidConfig(
                                ConfigProblem.of(
                                        file.toString(),
                                        "",
                                        "a JavaScript file needs Node to be read, and there is no node in PATH (JSON or YAML would do)")));
        Path folder = file.toAbsolutePath().getParent();
        try {
            Path output = Files.createTempFile("pm2j-config", ".json");
            Path errors = Files.createTempFile("pm2j-config", ".err");
            try {
                Process process = new ProcessBuilder(
                                node.toString(),
                                "-e",
                                EVALUATE,
                                file.toAbsolutePath().toString())
                        .directory(folder == null ? null : folder.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile())
                        .start();
                if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new InvalidConfig(ConfigProblem.of(
                            file.toString(), "", "was not evaluated within " + LONGEST_SECONDS + " s"));
                }
                if (process.exitValue() != 0) {
                    throw new InvalidConfig(problem(file, Files.readString(errors, StandardCharsets.UTF_8)));
                }
                return NodeReader.json(Files.readString(output, StandardCharsets.UTF_8), file.toString());
            } finally {
                Files.deleteIfExists(output);
                Files.deleteIfExists(errors);
            }
        } catch (IOException e) {
            throw new InvalidConfig(ConfigProblem.of(file.toString(), "", "cannot be evaluated: " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InvalidConfig(ConfigProblem.of(file.toString(), "", "was not evaluated: interrupted"));
        }
    }

    /// Node prints the place, the line, a caret below it, and the error; or a stack with places.
    static ConfigProblem problem(Path file, String errors) {
        String source = file.toString();
        OptionalInt line = OptionalInt.empty();
        OptionalInt column = OptionalInt.empty();
        Optional<String> sentence = Optional.empty();
        for (String text : errors.split("\n")) {
            Matcher place = PLACE.matcher(text.strip());
            if (line.isEmpty()
                    && place.find()
                    && place.group(1).endsWith(file.getFileName().toString())) {
                source = place.group(1);
                line = OptionalInt.of(Integer.parseInt(place.group(2)));
                column =
                        place.group(3) == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(place.group(3)));
            }
            Matcher caret = CARET.matcher(text);
            if (line.isPresent() && column.isEmpty() && caret.matches()) {
                column = OptionalInt.of(caret.group(1).length() + 1);
            }
            Matcher error = ERROR.matcher(text.strip());
            if (sentence.isEmpty() && error.matches()) {
                sentence = Optional.of(error.group(1));
            }
        }
        return new ConfigProblem(source, line, column, "", sentence.orElse("cannot be evaluated: " + errors.strip()));
    }
}
