package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a script means, and what runs it.
class ScriptFinderTest {
    @TempDir
    Path root;

    private Ground ground;

    @BeforeEach
    void enter() throws Exception {
        ground = new Ground(root);
    }

    @ParameterizedTest
    @CsvSource({
        "a.sh, bash",
        "a.py, python3",
        "a.rb, ruby",
        "a.php, php",
        "a.pl, perl",
        "a.js, node",
        "a.mjs, node",
        "a.cjs, node",
        "a.ts, node",
        "a.mts, node",
        "a.cts, node",
        "a.tsx, bun",
        "a.jsx, bun",
        "a.coffee, coffee",
        "a.ls, lsc",
        "a.jar, java",
        "a.b.js, node"
    })
    void theExtensionChoosesTheInterpreter(String file, String interpreter) throws Exception {
        ground.executable(file);
        ground.program(interpreter);

        assertThat(ground.spec("{script: '" + file + "'}").program().interpreter())
                .isEqualTo(interpreter);
    }

    @Test
    void aSecondChoiceIsTakenWhereTheFirstIsMissing() throws Exception {
        ground.file("a.tsx", "");
        ground.program("tsx");

        assertThat(ground.spec("{script: 'a.tsx'}").program().interpreter()).isEqualTo("tsx");
    }

    @Test
    void aClassIsRunByItsNameFromItsRoot() throws Exception {
        String name = ScriptFinderTest.class.getName();
        Path file = ground.folder.resolve(name.replace('.', '/') + ".class");
        Files.createDirectories(file.getParent());
        try (InputStream bytes = ScriptFinderTest.class.getResourceAsStream("ScriptFinderTest.class")) {
            Files.copy(bytes, file);
        }
        ground.program("java");

        var program = ground.spec("{script: '" + file + "', interpreter_args: '-Xmx64m'}")
                .program();

        assertThat(program.script()).isEqualTo(name);
        assertThat(program.interpreterArgs()).containsExactly("-Xmx64m", "-cp", ground.folder.toString());
    }

    @Test
    void pythonIsTakenWhereThereIsNoPython3() throws Exception {
        ground.file("a.py", "");
        ground.program("python");

        assertThat(ground.spec("{script: 'a.py'}").program().interpreter()).isEqualTo("python");
    }

    @ParameterizedTest
    @CsvSource({"server", "server.bin", "server.exe"})
    void anExecutableWithoutAKnownExtensionRunsItself(String file) throws Exception {
        Path path = ground.executable(file);

        var spec = ground.spec("{script: './" + file + "'}");

        assertThat(spec.program().interpreter()).isEqualTo("none");
        assertThat(spec.program().script()).isEqualTo(path.toString());
    }

    /// PM2: node, for anything else.
    @Test
    void aFileThatCannotRunItselfIsGivenToNode() throws Exception {
        ground.file("server", "");
        ground.program("node");

        assertThat(ground.spec("{script: 'server'}").program().interpreter()).isEqualTo("node");
    }

    @Test
    void aGivenInterpreterWinsOverTheExtension() throws Exception {
        ground.file("a.js", "");
        ground.program("deno");

        assertThat(ground.spec("{script: 'a.js', interpreter: 'deno'}")
                        .program()
                        .interpreter())
                .isEqualTo("deno");
    }

    @Test
    void aGivenInterpreterWinsForACommandToo() throws Exception {
        ground.program("node");
        Path command = ground.executable("node_modules/.bin/serve");

        var spec = ground.spec("{script: 'serve', interpreter: 'node'}");

        assertThat(spec.program().interpreter()).isEqualTo("node");
        assertThat(spec.program().script()).isEqualTo(command.toString());
    }

    @Test
    void anInterpreterOutsideThePathIsGivenWhole() throws Exception {
        ground.file("a.py", "");
        ground.file("a.ts", "");
        Path python = ground.executable("venv/bin/python");
        Path tsx = ground.executable("node_modules/.bin/tsx");

        assertThat(ground.spec("{script: 'a.py', interpreter: './venv/bin/python'}")
                        .program()
                        .interpreter())
                .isEqualTo(python.toString());
        assertThat(ground.spec("{script: 'a.ts', interpreter: 'tsx'}").program().interpreter())
                .isEqualTo(tsx.toString());
    }

    @Test
    void aMissingInterpreterIsNamed() throws Exception {
        Path script = ground.file("a.rb", "");

        assertThat(ground.problems("{script: 'a.rb'}"))
                .containsExactly("interpreter ruby is not to be found in PATH (needed to run " + script + ")");
        assertThat(ground.problems("{script: 'a.rb', interpreter: './gone'}"))
                .containsExactly("interpreter ./gone is not to be found in PATH (needed to run " + script + ")");
    }

    @Test
    void aFileThatIsToRunItselfMustBeExecutable() throws Exception {
        Path script = ground.file("a.js", "");

        assertThat(ground.problems("{script: 'a.js', interpreter: 'none'}"))
                .containsExactly(script + " is not executable (expected: so, or an interpreter)");
    }

    @Test
    void aJarIsRunByJava() throws Exception {
        Path jar = ground.file("a.jar", "");
        ground.program("java");

        var spec = ground.spec("{script: 'a.jar', interpreter_args: '-Xmx64m'}");

        assertThat(spec.program().interpreter()).isEqualTo("java");
        assertThat(spec.program().interpreterArgs()).containsExactly("-Xmx64m", "-jar");
        assertThat(spec.program().script()).isEqualTo(jar.toString());
        assertThat(ground.spec("{script: 'a.jar', interpreter_args: '-jar'}")
                        .program()
                        .interpreterArgs())
                .containsExactly("-jar");
    }

    @Test
    void aCommandIsFoundInPath() throws Exception {
        Path command = ground.program("redis-server");

        var spec = ground.spec("{script: 'redis-server'}");

        assertThat(spec.program().script()).isEqualTo(command.toString());
        assertThat(spec.program().interpreter()).isEqualTo("none");
        assertThat(spec.name().text()).isEqualTo("redis-server");
    }

    @Test
    void theFoldersOwnCommandsComeBeforePath() throws Exception {
        ground.program("serve");
        Path own = ground.executable("node_modules/.bin/serve");

        assertThat(ground.spec("{script: 'serve'}").program().script()).isEqualTo(own.toString());
    }

    @Test
    void aFileComesBeforeACommand() throws Exception {
        ground.program("serve");
        Path file = ground.executable("serve");

        assertThat(ground.spec("{script: 'serve'}").program().script()).isEqualTo(file.toString());
    }

    @Test
    void aTextWithBlanksIsALineForTheShell() throws Exception {
        var spec = ground.spec("{script: 'npm run start/prod'}");

        assertThat(spec.program().script()).isEqualTo("npm run start/prod");
        assertThat(spec.program().interpreter()).isEqualTo("shell");
        assertThat(spec.name().text()).isEqualTo("npm run start_prod");
    }

    @Test
    void aFileWithBlanksInItsNameIsAFile() throws Exception {
        Path file = ground.file("my app.js", "");
        ground.program("node");

        var spec = ground.spec("{script: 'my app.js'}");

        assertThat(spec.program().script()).isEqualTo(file.toString());
        assertThat(spec.name().text()).isEqualTo("my app");
    }

    @Test
    void aMissingScriptIsNamedWhole() throws Exception {
        assertThat(ground.problems("{script: 'sub/../gone.js'}"))
                .containsExactly("Script not found: " + ground.folder.resolve("gone.js"));
    }

    @Test
    void serveIsSaidToBeAnotherThing() throws Exception {
        assertThat(ground.problems("{script: 'serve'}").getFirst())
                .startsWith("Script not found: ")
                .contains("pm2j serve", "static");
    }

    @ParameterizedTest
    @CsvSource({"index.js", "app.js", "server.js", "main.js"})
    void aFolderIsNotAScriptButItsEntryIs(String entry) throws Exception {
        Path file = ground.file("web/" + entry, "");

        assertThat(ground.problems("{script: 'web'}"))
                .containsExactly(
                        file.getParent() + " is a directory (expected: a script file; did you mean " + file + "?)");
    }

    @Test
    void thePackageKnowsItsEntryBest() throws Exception {
        ground.file("web/index.js", "");
        ground.file("web/package.json", "{\"main\": \"lib/start.js\"}");
        Path file = ground.file("web/lib/start.js", "");

        assertThat(ground.problems("{script: 'web'}").getFirst()).contains("did you mean " + file + "?");
    }

    @Test
    void aFolderWithoutAnEntryIsJustAFolder() throws Exception {
        Path folder = Files.createDirectories(ground.folder.resolve("web"));
        ground.file("web/package.json", "broken");

        assertThat(ground.problems("{script: 'web'}"))
                .containsExactly(folder + " is a directory (expected: a script file)");
    }

    @Test
    void aScriptNobodyCanNameIsRefused() throws Exception {
        assertThat(ground.problems("{script: 'a\\u0000b'}")).hasSize(1);
    }
}
