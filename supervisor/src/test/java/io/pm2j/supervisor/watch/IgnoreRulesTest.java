package io.pm2j.supervisor.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which paths count, and which do not.
class IgnoreRulesTest {
    private static final Path ROOT = Path.of("/srv/app");

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".env",
                ".git/HEAD",
                "src/.cache/a.js",
                "node_modules",
                "node_modules/x/index.js",
                "packages/a/node_modules/x/index.js",
                "bower_components/x.js",
                "lib/__pycache__/a.cpython-311.pyc",
                "a.pyc",
                "app.log",
                "logs/out.log",
                "app.pid",
                "run/app.sock",
                "app.js.swp",
                ".app.js.swp",
                "app.js~",
                ".#app.js",
                "4913"
            })
    void theUsualOnesNeverCount(String path) {
        assertThat(IgnoreRules.of(List.of()).ignores(ROOT, ROOT.resolve(path))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.js", "src/a/b.js", "log", "log.js", "a.logs", "my_node_modules/a.js", "49130", "a.b"})
    void theOthersDo(String path) {
        assertThat(IgnoreRules.of(List.of()).ignores(ROOT, ROOT.resolve(path))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tmp                    | tmp tmp/a a/tmp a/tmp/b                  | tmp2 a/xtmp atmp/b
            tmp/                   | tmp/a a/tmp/b                            | tmp2
            *.tmp                  | a.tmp x/b.tmp x.tmp/a                    | a.tmpx tmp
            data-?                 | data-1 a/data-2/x                        | data-12 data-
            ./tmp                  | tmp tmp/a                                | a/tmp
            ./tmp/                 | tmp/a                                    | a/tmp
            public/**              | public public/a public/a/b               | a/public/b publics
            public/*               | public/a public/a/b                      | public
            public/*.js            | public/a.js                              | public/a/b.js public/a.css
            public/**/*.js         | public/a.js public/a/b/c.js              | public/a.css
            **/dist/**             | dist dist/a a/dist/b a/b/dist            | adist/b
            **/*.map               | a.map b/c.map                            | map
            *.{css,scss}           | a.css b/c.scss                           | a.sass a.css2
            v[0-9]                 | v1 v2/a                                  | va v10
            v[!0-9]                | va                                       | v1
            \\.git                 | .git/x                                   | agit
            a+b(c).txt             | a+b(c).txt                               | aab(c).txt
            odd[name               | odd[name                                 | oddn
            odd{name               | odd{name                                 | oddname
            odd[z-a]               | odd[z-a]                                 | oddz
            /srv/app/up            | up up/a                                  | a/up
            /srv/app/up/**         | up/a/b                                   | a/up
            [\\/\\\\]\\.           | .x a/.y/z                                | x a.b
            /[\\/\\\\]tmp/         | tmp a/tmp tmpfile                        | atmp
            [\\/\\\\]\\./          | .x                                       | x
            """)
    void entriesAreGlobs(String entry, String ignored, String counted) {
        // The CSV has no escapes; a text block has made one backslash of two.
        IgnoreRules rules = IgnoreRules.of(List.of(entry));

        for (String path : ignored.split(" ")) {
            assertThat(rules.ignores(ROOT, ROOT.resolve(path))).as(path).isTrue();
        }
        for (String path : counted.split(" ")) {
            assertThat(rules.ignores(ROOT, ROOT.resolve(path))).as(path).isFalse();
        }
    }

    @Test
    void anEntryMayLeadThroughTheRoot() {
        IgnoreRules rules = IgnoreRules.of(List.of("app/cache", "srv/app/up/**", "other/x"));

        assertThat(rules.ignores(ROOT, ROOT.resolve("cache/a"))).isTrue();
        assertThat(rules.ignores(ROOT, ROOT.resolve("up/a"))).isTrue();
        assertThat(rules.ignores(ROOT, ROOT.resolve("x"))).isFalse();
        assertThat(rules.ignores(Path.of("/srv/other"), Path.of("/srv/other/x")))
                .isTrue();
    }

    @Test
    void theRootCountsWhateverItIsCalled() {
        IgnoreRules rules = IgnoreRules.of(List.of("env"));

        assertThat(rules.ignores(Path.of("/srv/.env"), Path.of("/srv/.env"))).isFalse();
        assertThat(rules.ignores(Path.of("/home/.x/node_modules/env"), Path.of("/home/.x/node_modules/env/a.js")))
                .isFalse();
        assertThat(IgnoreRules.of(List.of("/srv/a")).ignores(Path.of("/srv/a/b"), Path.of("/srv/a/b")))
                .isTrue();
    }

    @Test
    void blankEntriesSayNothing() {
        IgnoreRules rules = IgnoreRules.of(List.of("", " ", ".", "./"));

        assertThat(rules.ignores(ROOT, ROOT.resolve("a"))).isFalse();
    }
}
