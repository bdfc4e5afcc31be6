package io.pm2j.config.read;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.Node.Position;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeReaderTest {
    @Test
    void jsonValuesAndNamesHaveTheirPlaces() throws Exception {
        var top = (Node.Obj) NodeReader.json("{\n  \"a\": 1,\n  \"b\": [true,\n    null]\n}", "f");

        assertThat(top.at()).isEqualTo(new Position(1, 1));
        assertThat(top.nameAt("b")).isEqualTo(new Position(3, 3));
        assertThat(field(top, "a")).isEqualTo(new Node.Num(new Position(2, 8), "1"));
        var elements = ((Node.Arr) field(top, "b")).elements();
        assertThat(elements).containsExactly(new Node.Bool(new Position(3, 9), true), new Node.Nul(new Position(4, 5)));
    }

    @Test
    void yamlValuesAndNamesHaveTheirPlaces() throws Exception {
        var top = (Node.Obj) NodeReader.yaml("a: 1\nb:\n  - true\n  - c: x\n", "f");

        assertThat(field(top, "a")).isEqualTo(new Node.Num(new Position(1, 4), "1"));
        assertThat(top.nameAt("b")).isEqualTo(new Position(2, 1));
        var elements = ((Node.Arr) field(top, "b")).elements();
        assertThat(elements.getFirst()).isEqualTo(new Node.Bool(new Position(3, 5), true));
        assertThat(((Node.Obj) elements.getLast()).nameAt("c")).isEqualTo(new Position(4, 5));
    }

    @Test
    void whatAProgramPrintedHasNoPlaces() throws Exception {
        var top = (Node.Obj) NodeReader.printed("{\"a\":1}", "f");

        assertThat(top.at()).isEqualTo(Position.UNKNOWN);
        assertThat(top.nameAt("a")).isEqualTo(Position.UNKNOWN);
    }

    /// PM2 evaluates JSON files as JavaScript.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\": 1}",
                "{\"a\": 1,}",
                "{a: 1}",
                "{'a': 1}",
                "// first\n{\"a\": 1 /* one */}",
                "\uFEFF{\"a\": 1}",
                "\n\n {\"\\a\": 1}"
            })
    void jsonIsTakenAsPeopleWriteIt(String text) throws Exception {
        var top = (Node.Obj) NodeReader.json(text, "f");

        assertThat(JsonText.of(top)).isEqualTo("{\"a\":1}");
    }

    @ParameterizedTest
    @CsvSource({".5", "5.", "+5", "-1", "1e3"})
    void numbersAreTakenAsInJavaScript(String number) throws Exception {
        assertThat(NodeReader.json("[" + number + "]", "f"))
                .isInstanceOfSatisfying(
                        Node.Arr.class, array -> assertThat(array.elements()).hasOnlyElementsOfType(Node.Num.class));
    }

    @Test
    void aliasesStandForTheirAnchors() throws Exception {
        Node top = NodeReader.yaml("a: &x {p: 1}\nb: *x\nc: &y word\nd: [*y, *y]\n", "f");

        assertThat(JsonText.of(top))
                .isEqualTo("{\"a\":{\"p\":1},\"b\":{\"p\":1},\"c\":\"word\",\"d\":[\"word\",\"word\"]}");
    }

    @Test
    void mergedFieldsGiveWayToWrittenOnes() throws Exception {
        Node top = NodeReader.yaml("""
                x: &x {p: 1, q: 1}
                y: &y {q: 2, r: 2}
                one: {<<: *x, p: 9}
                two: {p: 9, <<: [*x, *y]}
                """, "f");

        assertThat(JsonText.of(top)).contains("\"one\":{\"p\":9,\"q\":1}", "\"two\":{\"p\":9,\"q\":1,\"r\":2}");
    }

    @Test
    void jsonHasNoMergeKeys() throws Exception {
        assertThat(JsonText.of(NodeReader.json("{\"<<\": {\"a\": 1}}", "f"))).isEqualTo("{\"<<\":{\"a\":1}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": 1 \"b\": 2}        | 1 | 9",
                "{\"a\": 1, \"a\": 2}       | 1 | 10",
                "{\"a\": [1, 2}             | 1 | 12",
                "{\"a\": tru}               | 1 | 7",
                "{\"a\": 1                  | 1 | 8",
                "{} {}                      | 1 | 4"
            })
    void brokenJsonHasItsPlace(String text, int line, int column) {
        InvalidConfig invalid = catchThrowableOfType(InvalidConfig.class, () -> NodeReader.json(text, "f"));

        assertThat(invalid.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.line()).hasValue(line);
            assertThat(problem.column()).hasValue(column);
            assertThat(problem.sentence()).startsWith("syntax error: ");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a: [1, 2          | 1",
                "'a: 1\n b: 2\nc'  | 2",
                "a: *none          | 1",
                "'a: 1\n<<: word'  | 2",
                "'a: 1\na: 2'      | 2",
                "'a: \"x'          | 1"
            })
    void brokenYamlHasItsLine(String text, int line) {
        InvalidConfig invalid = catchThrowableOfType(InvalidConfig.class, () -> NodeReader.yaml(text, "f"));

        assertThat(invalid.problems())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.line()).as(problem.toString()).hasValue(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   \n", "// nothing\n"})
    void anEmptyFileIsNamedSo(String text) {
        InvalidConfig invalid = catchThrowableOfType(InvalidConfig.class, () -> NodeReader.json(text, "f"));

        assertThat(invalid).hasMessage("f: the file is empty (expected: apps)");
    }

    /// Whatever is in a file: a document, or one problem; nothing else comes out.
    @Test
    void noTextBreaksTheReader() {
        String[] pieces = {
            "{", "}", "[", "]", ":", ",", "\"", "'", "a", "apps", "- ", "\n", "  ", "&x ", "*x", "<<: ", "1", "-",
            "null", "\\", "#", "/*", "//", "|", ">", "%", "@", "!", "?", "\t", "\u0000", "\uD800", "é", "---\n", "...",
            "!!int "
        };
        Random random = new Random(20_261_121);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(14); i >= 0; i--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            readsOrRefuses(text.toString());
        }
    }

    private static Node field(Node.Obj object, String name) {
        return requireNonNull(object.fields().get(name), name);
    }

    private static void readsOrRefuses(String text) {
        try {
            JsonText.of(NodeReader.yaml(text, "f"));
        } catch (InvalidConfig e) {
            assertThat(e.problems()).hasSize(1);
        }
        try {
            JsonText.of(NodeReader.json(text, "f"));
        } catch (InvalidConfig e) {
            assertThat(e.problems()).hasSize(1);
        }
    }
}
