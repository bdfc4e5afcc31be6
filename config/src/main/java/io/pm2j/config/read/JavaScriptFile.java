package io.pm2j.config.read;

import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Evaluates a JavaScript ecosystem file with the installed Node: CommonJS or ESM, an object, a function, a promise.
///
/// The file's value comes back as JSON in a file of its own, so that nothing the file prints can get between. Node runs
/// in the caller's folder and environment, as the file would under PM2.
final class JavaScriptFile {
    private static final long LONGEST_SECONDS = 30;
    /// `import()` takes CommonJS too. `process.exit`: a timer or a connection that the file left open must not hold us.
    private static final String EVALUATE = """
            const [file, result] = process.argv.splice(1);
            process.argv.push(file);
            (async () => {
              const loaded = await import(require('node:url').pathToFileURL(file).href);
              let value = 'default' in loaded ? loaded.default : loaded['module.exports'] ?? loaded;
              if (value && value.__esModule && value.default) value = value.default;
              if (typeof value === 'function') value = value();
              value = await value;
              require('node:fs').writeFileSync(result, JSON.stringify(value) ?? 'null');
              process.exit(0);
            })().catch((problem) => {
              console.error(problem && problem.stack ? problem.stack : String(problem));
              process.exit(1);
            });
            """;

    private static final Pattern PLACE = Pattern.compile("(?:file://)?(/[^\\n]*?):(\\d+)(?::(\\d+))?\\)?$");
    private static final Pattern CARET = Pattern.compile("^( *)\\^+ *$");
    private static final Pattern ERROR = Pattern.compile("^(?:Uncaught )?(\\w*Error\\b.*)$");

    private JavaScriptFile() {}

    /// `file` as the caller named it.
    static Node evaluate(Path file, Caller caller) throws InvalidConfig {
        Path node = new ScriptFinder(caller.cwd(), caller.path())
                .program("node")
                .orElseThrow(
                        () -> problem(
                                file,
                                "a JavaScript file needs Node to be read, and there is no node in PATH (JSON or YAML would do)"));
        try {
            Path result = Files.createTempFile("pm2j-config", ".json");
            Path errors = Files.createTempFile("pm2j-config", ".err");
            try {
                return evaluate(file, caller, node, result, errors);
            } finally {
                Files.deleteIfExists(result);
                Files.deleteIfExists(errors);
            }
        } catch (IOException e) {
            throw problem(file, "cannot be evaluated: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw problem(file, "was not evaluated: interrupted");
        }
    }

    private static Node evaluate(Path file, Caller caller, Path node, Path result, Path errors)
            throws InvalidConfig, IOException, InterruptedException {
        String path = caller.cwd().resolve(file).toAbsolutePath().toString();
        int exit = run(List.of(node.toString(), "-e", EVALUATE, path, result.toString()), file, caller, errors);
        String json = Files.readString(result, StandardCharsets.UTF_8);
        if (exit == 0 && !json.isEmpty()) {
            return NodeReader.printed(json, file.toString());
        }
        String said = printed(errors);
        if (exit == 0 || said.isBlank()) {
            throw problem(file, "ended Node with exit code " + exit + " instead of giving its apps");
        }
        ConfigProblem problem = problemIn(file, said);
        if (problem.line().isEmpty() && said.contains("SyntaxError")) {
            // Node keeps the place of a syntax error in an ESM file to itself unless it fails by it.
            run(List.of(node.toString(), "--check", path), file, caller, errors);
            ConfigProblem checked = problemIn(file, printed(errors));
            problem = checked.line().isPresent() ? checked : problem;
        }
        throw new InvalidConfig(problem);
    }

    private static int run(List<String> command, Path file, Caller caller, Path errors)
            throws InvalidConfig, IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(caller.cwd().toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errors.toFile());
        builder.environment().clear();
        builder.environment().putAll(caller.env());
        Process process = builder.start();
        try {
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                throw problem(file, "was not evaluated within " + LONGEST_SECONDS + " s");
            }
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    /// Not always UTF-8: what is not is replaced.
    private static String printed(Path errors) throws IOException {
        return new String(Files.readAllBytes(errors), StandardCharsets.UTF_8);
    }

    private static InvalidConfig problem(Path file, String sentence) {
        return new InvalidConfig(ConfigProblem.of(file.toString(), "", sentence));
    }

    /// Node prints the place, the line, a caret below it, and the error; or a stack with places.
    static ConfigProblem problemIn(Path file, String errors) {
        OptionalInt line = OptionalInt.empty();
        OptionalInt column = OptionalInt.empty();
        Optional<String> sentence = Optional.empty();
        for (String text : errors.split("\n")) {
            Matcher place = PLACE.matcher(text.strip());
            if (line.isEmpty() && place.find() && isFile(place.group(1), file)) {
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
        String first = errors.strip().lines().findFirst().orElse("");
        return new ConfigProblem(file.toString(), line, column, "", sentence.orElse("cannot be evaluated: " + first));
    }

    /// By its last name: Node prints real paths, and a URL's letters may be escaped.
    private static boolean isFile(String printed, Path file) {
        return printed.substring(printed.lastIndexOf('/') + 1).equals(String.valueOf(file.getFileName()));
    }
}
