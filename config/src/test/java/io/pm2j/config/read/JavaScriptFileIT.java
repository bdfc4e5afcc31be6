package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.EcosystemReader.ReadApps;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// JavaScript files, evaluated by the real Node.
class JavaScriptFileIT {
    @TempDir
    Path root;

    private Ground ground;

    @BeforeEach
    void enter() throws Exception {
        ground = new Ground(root);
        ground.file("app.js", "");
    }

    private Caller caller(Map<String, String> more) {
        Map<String, String> env = new HashMap<>(Map.of("PATH", System.getenv("PATH"), "HOME", "/home/me"));
        env.putAll(more);
        return new Caller(ground.folder, env, 4, Optional.empty());
    }

    private ReadApps read(String name, String text) throws Exception {
        ground.file(name, text);
        return EcosystemReader.read(Path.of(name), caller(Map.of()), _ -> true, AppOptions.none("command line", ""));
    }

    private ConfigProblem problem(String name, String text) throws Exception {
        ground.file(name, text);
        return problemsOf(name).getFirst();
    }

    @Test
    void everyAttributeIsMapped() throws Exception {
        ground.file("ecosystem.config.js", "module.exports = " + EcosystemReaderTest.FULL_JSON);

        ReadApps read = EcosystemReader.read(
                Path.of("ecosystem.config.js"),
                new Caller(ground.folder, caller(Map.of()).env(), 4, Optional.of("production")),
                _ -> true,
                AppOptions.none("command line", ""));

        var expected = EcosystemReaderTest.full(ground);
        assertThat(read.apps()).singleElement().satisfies(spec -> {
            assertThat(spec)
                    .usingRecursiveComparison()
                    .ignoringFields("environment")
                    .isEqualTo(expected);
            assertThat(spec.environment().merged())
                    .containsEntry("GREETING", "good day")
                    .containsEntry("LEVEL", "5");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ecosystem.config.js  | module.exports = {apps: [{script: 'app.js'}]}",
                "ecosystem.config.js  | module.exports = [{script: 'app.js'}]",
                "ecosystem.config.js  | exports.apps = [{script: 'app.js'}]",
                "ecosystem.config.js  | module.exports = () => ({apps: [{script: 'app.js'}]})",
                "ecosystem.config.js  | module.exports = async () => [{script: 'app.js'}]",
                "ecosystem.config.js  | module.exports = Promise.resolve([{script: 'app.js'}])",
                "ecosystem.config.js  | export default [{script: 'app.js'}]",
                "ecosystem.config.js  | Object.defineProperty(exports, '__esModule', {value: true}); exports.default = [{script: 'app.js'}]",
                "ecosystem.config.cjs | module.exports = [{script: 'app.js'}]",
                "ecosystem.config.mjs | export default {apps: [{script: 'app.js'}]}",
                "ecosystem.config.mjs | export const apps = [{script: 'app.js'}]",
                "ecosystem.config.mjs | export default async () => [{script: 'app.js'}]",
                "ecosystem.config.mjs | const apps = await Promise.resolve([{script: 'app.js'}]); export default {apps}",
                "plain.config.js      | const {join} = require('node:path'); module.exports = [{script: join('.', 'app.js'), cwd: process.cwd()}]",
                "sp ace/a#b.config.js | module.exports = [{script: 'app.js'}]"
            })
    void appsComeOutOfEveryKindOfModule(String file, String text) throws Exception {
        assertThat(read(file, text).apps())
                .extracting(spec -> spec.name().text())
                .containsExactly("app");
    }

    @Test
    void whatTheFilePrintsAndLeavesOpenDoesNotMatter() throws Exception {
        ReadApps read = read("ecosystem.config.js", """
                console.log('{"apps": 5}');
                process.stdout.write('loud');
                setInterval(() => {}, 1000);
                module.exports = [{ script: 'app.js' }];
                """);

        assertThat(read.apps()).hasSize(1);
    }

    @Test
    void theFileSeesTheCallersEnvironmentAndItsOwnName() throws Exception {
        ground.file("ecosystem.config.js", """
                module.exports = [{ script: 'app.js',
                  env: { SEEN: process.env.WANTED, ARGS: process.argv.slice(1).join(), HOMES: process.env.HOME } }];
                """);

        ReadApps read = EcosystemReader.read(
                Path.of("ecosystem.config.js"),
                caller(Map.of("WANTED", "yes")),
                _ -> true,
                AppOptions.none("command line", ""));

        assertThat(read.apps().getFirst().environment().merged())
                .containsEntry("SEEN", "yes")
                .containsEntry("HOMES", "/home/me")
                .containsEntry(
                        "ARGS", ground.folder.resolve("ecosystem.config.js").toString());
    }

    @ParameterizedTest
    @CsvSource({"broken.config.js", "broken.config.cjs", "broken.config.mjs"})
    void aSyntaxErrorHasItsPlace(String file) throws Exception {
        String export = file.endsWith("mjs") ? "export default" : "module.exports =";

        ConfigProblem problem = problem(file, export + " {\n  apps: [\n    { name: 'x' script: 1 }\n  ]\n};\n");

        assertThat(problem).hasToString(file + ":3:17: SyntaxError: Unexpected identifier 'script'");
    }

    @Test
    void aThrownErrorHasItsPlace() throws Exception {
        ConfigProblem problem = problem("a.config.js", "const a = 1;\n\n  throw new TypeError('no luck');\n");

        assertThat(problem).hasToString("a.config.js:3:9: TypeError: no luck");
    }

    @Test
    void aMissingModuleIsNamed() throws Exception {
        ConfigProblem problem = problem("a.config.js", "module.exports = require('not-installed');\n");

        assertThat(problem.line()).hasValue(1);
        assertThat(problem.sentence()).isEqualTo("Error: Cannot find module 'not-installed'");
    }

    @Test
    void aThrownTextIsSaid() throws Exception {
        assertThat(problem("a.config.js", "throw 'just text';").sentence()).isEqualTo("cannot be evaluated: just text");
    }

    @Test
    void aFileThatLeavesIsSaidToHaveLeft() throws Exception {
        assertThat(problem("a.config.js", "process.exit(3);").sentence())
                .isEqualTo("ended Node with exit code 3 instead of giving its apps");
        assertThat(problem("b.config.js", "process.exit(0);").sentence())
                .isEqualTo("ended Node with exit code 0 instead of giving its apps");
    }

    @Test
    void aFileThatExportsNothingHasNoApps() throws Exception {
        ground.file("empty.config.mjs", "export default undefined;\n");

        assertThat(problemsOf("empty.config.mjs"))
                .extracting(ConfigProblem::sentence)
                .containsExactly("there are no apps in it (expected: 'apps', an array of apps)");
    }

    @Test
    void problemsInItsValuesHaveNoPlaceButAPath() throws Exception {
        ground.file("a.config.js", "module.exports = [{ script: 'app.js', instances: 'many' }];\n");

        assertThat(problemsOf("a.config.js"))
                .singleElement()
                .hasToString("a.config.js: [0].instances: 'many' (expected: a number, 'max', 0, or a negative number)");
    }

    @Test
    void withoutNodeOneSentenceSaysSo() throws Exception {
        ground.file("a.config.js", "module.exports = [];\n");

        List<ConfigProblem> problems = ground.problemsIn("a.config.js");

        assertThat(problems)
                .singleElement()
                .hasToString(
                        "a.config.js: a JavaScript file needs Node to be read, and there is no node in PATH (JSON or YAML would do)");
    }

    private List<ConfigProblem> problemsOf(String file) {
        try {
            EcosystemReader.read(Path.of(file), caller(Map.of()), _ -> true, AppOptions.none("command line", ""));
            throw new AssertionError("no problem was found");
        } catch (InvalidConfig e) {
            return e.problems();
        }
    }
}
