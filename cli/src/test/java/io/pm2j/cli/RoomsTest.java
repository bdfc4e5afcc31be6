package io.pm2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The sources keep to the table in ARCHITECTURE.md.
class RoomsTest {
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

    @Test
    void everyImportIsAllowed() throws Exception {
        Path root = root();

        assertThat(rooms(root).breaches(sources(root))).isEmpty();
    }

    @Test
    void noPackagesImportEachOtherInACycle() throws Exception {
        Path root = root();

        assertThat(rooms(root).cycleBreaches(sources(root))).isEmpty();
    }

    /// So that an empty list of sources cannot pass for a clean one.
    @Test
    void everyRoomOfTheTableHasSources() throws Exception {
        List<Source> sources = sources(root());

        for (String room : List.of("config", "metrics", "proxy", "supervisor", "daemon", "cli")) {
            assertThat(sources)
                    .as(room)
                    .anyMatch(source -> source.packageName().startsWith("io.pm2j." + room)
                            && !source.imports().isEmpty());
        }
    }

    private static Rooms rooms(Path root) throws IOException {
        return Rooms.inMarkdown(Files.readString(root.resolve("docs/ARCHITECTURE.md")));
    }

    /// The folder whose pom lists the modules.
    private static Path root() throws IOException {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path pom = folder.resolve("pom.xml");
            if (Files.exists(pom) && Files.readString(pom).contains("<modules>")) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "no pom.xml with modules above " + Path.of("").toAbsolutePath());
    }

    private static List<Source> sources(Path root) throws IOException {
        List<Source> sources = new ArrayList<>();
        List<String> modules = MODULE.matcher(Files.readString(root.resolve("pom.xml")))
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
        for (String module : modules) {
            Path main = root.resolve(module).resolve("src/main/java");
            if (Files.isDirectory(main)) {
                try (Stream<Path> files = Files.walk(main)) {
                    for (Path file :
                            files.filter(f -> f.toString().endsWith(".java")).toList()) {
                        sources.add(Source.of(root.relativize(file).toString(), Files.readString(file)));
                    }
                }
            }
        }
        return sources;
    }

    /// The checker finds what it is for.
    @Nested
    class OnMadeUpSources {
        private static final String TABLE = """
                | room | may import (ours) | may import (others) |
                |---|---|---|
                | every room | – | java |
                | low | – | – |
                | high | low | io.netty |
                | high.pure | low.value | – |

                | packages |
                |---|
                | low.a, low.b |
                """;

        private final Rooms rooms = Rooms.inMarkdown(TABLE);

        private Source source(String packageName, String... imports) {
            StringBuilder text = new StringBuilder("package io.pm2j." + packageName + ";\n\n");
            for (String line : imports) {
                text.append("import ").append(line).append(";\n");
            }
            return Source.of("X.java", text + "final class X {}\n");
        }

        private List<String> breaches(String packageName, String... imports) {
            return rooms.breaches(List.of(source(packageName, imports)));
        }

        @Test
        void whatTheTableAllowsPasses() {
            assertThat(breaches("high", "io.pm2j.low.A", "io.pm2j.low.value.B", "io.netty.buffer.ByteBuf"))
                    .isEmpty();
            assertThat(breaches("high.pure", "io.pm2j.low.value.B", "java.util.List", "io.pm2j.high.pure.C"))
                    .isEmpty();
        }

        @Test
        void aRoomMayImportAllOfItself() {
            assertThat(breaches("high.shell", "io.pm2j.high.pure.P")).isEmpty();
        }

        @Test
        void anUpwardImportFails() {
            assertThat(breaches("low", "io.pm2j.high.H")).containsExactly("low may not import io.pm2j.high (X.java)");
        }

        @Test
        void aNarrowerRowCountsInsteadOfItsRooms() {
            assertThat(breaches("high.pure", "io.netty.buffer.ByteBuf", "io.pm2j.high.shell.S", "io.pm2j.low.A"))
                    .hasSize(3);
        }

        @Test
        void aRoomIsMoreThanTheBeginningOfAName() {
            assertThat(breaches("high", "io.pm2j.lower.A", "io.nettyx.A")).hasSize(2);
        }

        @Test
        void aPackageWithoutARowFails() {
            assertThat(breaches("elsewhere")).containsExactly("elsewhere is in no room of the table (X.java)");
        }

        @Test
        void staticAndNestedAndStarImportsCount() {
            assertThat(breaches(
                            "low",
                            "static io.netty.a.A.b",
                            "io.netty.c.C.Inner",
                            "io.netty.d.*",
                            "java.util.Map.Entry"))
                    .hasSize(3);
        }

        @Test
        void aNameWrittenOutIsAnImport() {
            Source source = Source.of("X.java", """
                    package io.pm2j.low;

                    /// As `io.netty.comment.C` does.
                    class X {
                        /* io.netty.comment.C */
                        String text = "io.netty.text.T" + '"' + "io.netty.text.T";
                        Object written = new io.netty.code.C();
                    }
                    """);

            assertThat(rooms.breaches(List.of(source))).containsExactly("low may not import io.netty.code (X.java)");
        }

        @Test
        void aCycleFails() {
            List<String> breaches = rooms.cycleBreaches(List.of(
                    source("low.a", "io.pm2j.low.b.B"),
                    source("low.b", "io.pm2j.low.a.A"),
                    source("high", "io.pm2j.high.x.A"),
                    source("high.x", "io.pm2j.high.y.A"),
                    source("high.y", "io.pm2j.high.H", "io.pm2j.low.a.A")));

            assertThat(breaches).containsExactly("import each other in a cycle: high, high.x, high.y");
        }

        @Test
        void aListedCycleThatIsGoneFails() {
            assertThat(rooms.cycleBreaches(List.of(source("low.a", "io.pm2j.low.b.B"))))
                    .containsExactly("listed as a cycle, but is none: low.a, low.b");
        }

        @Test
        void aDocumentWithoutATableFails() {
            assertThatThrownBy(() -> Rooms.inMarkdown("# Nothing\n")).hasMessageContaining("no table");
        }
    }
}
