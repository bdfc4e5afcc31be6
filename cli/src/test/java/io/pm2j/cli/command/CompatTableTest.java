package io.pm2j.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.cli.typed.NotHere;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.read.EcosystemSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// docs/pm2-compat.md has a row for all that PM2 knows and for all that we do, and each row's tests are there.
class CompatTableTest {
    private static final List<String> SECTIONS =
            List.of("Commands", "Options", "Attributes", "Environment variables", "What happens");
    private static final Pattern TICKED = Pattern.compile("`([^`]+)`");
    private static final Pattern TEST = Pattern.compile("[A-Z]\\w*(?:Test|IT)\\.\\w+");
    private static final Pattern METHOD = Pattern.compile(
            "@(?:Test|ParameterizedTest|Property|TestFactory)\\b.*?\\b(?:void|Stream<\\w+>)\\s+(\\w+)\\(",
            Pattern.DOTALL);
    private static final Set<String> WORDS = Set.of("same", "better", "not", "ours");

    private record Row(String section, String first, String verdict, String how, String shown) {
        Set<String> words() {
            return TICKED.matcher(first)
                    .results()
                    .flatMap(found -> Stream.of(found.group(1).split("[\\s,]+")))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void everyRowHasAVerdictAndTestsThatExist() throws Exception {
        Set<String> tests = tests();
        assertThat(tests).hasSizeGreaterThan(200);
        for (Row row : rows()) {
            List<String> named =
                    TEST.matcher(row.shown).results().map(MatchResult::group).toList();
            assertThat(WORDS).as(row.toString()).contains(row.verdict);
            assertThat(named).as(row.toString()).isNotEmpty();
            assertThat(tests).as(row.toString()).containsAll(named);
            if (!row.verdict.equals("same")) {
                assertThat(row.how).as("why, in " + row).isNotEmpty();
            }
        }
    }

    @Test
    void everyWordOfPm2HasARow() throws Exception {
        Map<String, Set<String>> known = words();
        for (String line : Files.readAllLines(root().resolve("cli/src/test/resources/pm2-words.txt"))) {
            if (line.startsWith("#")) {
                continue;
            }
            String section = line.substring(0, line.indexOf(':'));
            Set<String> there = known.get(section.equals("Environment") ? "Environment variables" : section);
            assertThat(there)
                    .as(section)
                    .containsAll(List.of(line.substring(line.indexOf(':') + 2).split(" ")));
        }
    }

    @Test
    void everyCommandOptionAndAttributeOfOursHasARow() throws Exception {
        Map<String, Set<String>> known = words();
        Set<String> commands = new TreeSet<>(NotHere.commandNames());
        Stream.of(Commands.values()).forEach(command -> commands.addAll(command.names()));
        assertThat(known.get("Commands")).containsAll(commands);
        Set<String> options = new TreeSet<>(NotHere.optionSpellings());
        options.addAll(Option.everySpelling());
        assertThat(known.get("Options")).containsAll(options);
        assertThat(known.get("Attributes")).containsAll(attributes());
    }

    /// The properties of an app in the schema, which has every attribute; camelCase is said once for all.
    private static Set<String> attributes() {
        String schema = EcosystemSchema.text();
        int app = schema.indexOf("\"properties\"", schema.indexOf("\"app\" : {"));
        Matcher names = Pattern.compile("(?m)^ {8}\"(\\w+)\" : \\{").matcher(schema);
        Set<String> attributes = new TreeSet<>();
        int end = schema.indexOf("\n      }", app);
        for (boolean more = names.find(app); more && names.start() < end; more = names.find()) {
            String name = names.group(1);
            if (name.equals(name.toLowerCase(Locale.ROOT))) {
                attributes.add(name);
            }
        }
        assertThat(attributes)
                .contains("script", "max_memory_restart", "edge", "vizion")
                .hasSizeGreaterThan(80);
        return attributes;
    }

    private static Map<String, Set<String>> words() throws IOException {
        return rows().stream()
                .collect(Collectors.groupingBy(
                        Row::section,
                        Collectors.flatMapping(row -> row.words().stream(), Collectors.toCollection(TreeSet::new))));
    }

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        String section = "";
        for (String line : Files.readAllLines(root().resolve("docs/pm2-compat.md"))) {
            if (line.startsWith("#")) {
                section = line.replaceFirst("#+ ", "");
            } else if (SECTIONS.contains(section) && line.startsWith("|") && !line.matches("\\|(PM2| PM2 |-).*")) {
                String[] cells = line.split("(?<!\\\\)\\|", -1);
                assertThat(cells).as(line).hasSize(6);
                rows.add(new Row(section, cells[1].strip(), cells[2].strip(), cells[3].strip(), cells[4].strip()));
            }
        }
        assertThat(rows.stream().map(Row::section)).containsAll(SECTIONS);
        return rows;
    }

    /// `Class.method` of every test in the sources.
    private static Set<String> tests() throws IOException {
        Set<String> tests = new HashSet<>();
        for (String module : List.of("config", "metrics", "proxy", "supervisor", "daemon", "cli", "examples")) {
            try (Stream<Path> files = Files.walk(root().resolve(module).resolve("src/test/java"))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    String name = file.getFileName().toString().replace(".java", "");
                    METHOD.matcher(Files.readString(file))
                            .results()
                            .forEach(method -> tests.add(name + "." + method.group(1)));
                }
            }
        }
        return tests;
    }

    /// The folder that has the table.
    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/pm2-compat.md"))) {
            folder = Objects.requireNonNull(folder.getParent(), "a folder above has docs/pm2-compat.md");
        }
        return folder;
    }
}
