package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WordsTest {
    static Stream<Arguments> texts() {
        return Stream.of(
                Arguments.of("", List.of()),
                Arguments.of("   ", List.of()),
                Arguments.of("one", List.of("one")),
                Arguments.of("  one\ttwo\n three ", List.of("one", "two", "three")),
                Arguments.of("--title 'two words'", List.of("--title", "two words")),
                Arguments.of("--title=\"two words\" x", List.of("--title=two words", "x")),
                Arguments.of("\"it's\"", List.of("it's")),
                Arguments.of("a '' b", List.of("a", "", "b")),
                Arguments.of("a 'not closed", List.of("a", "not closed")),
                Arguments.of("C:\\dir\\x", List.of("C:\\dir\\x")));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void textsAreSplitAtBlanksOutsideQuotes(String text, List<String> words) {
        assertThat(Words.split(text)).isEqualTo(words);
    }
}
