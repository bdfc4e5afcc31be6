package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormatTest {
    @ParameterizedTest
    @CsvSource({
        "ecosystem.json, JSON",
        "process.json5, JSON",
        "ecosystem.json.production, JSON",
        "a.config.json, JSON",
        "deploy/apps.yml, YAML",
        "apps.YAML, YAML",
        "ecosystem.config.js, JAVASCRIPT",
        "ecosystem.config.cjs, JAVASCRIPT",
        "ecosystem.config.mjs, JAVASCRIPT",
        "my.json.config.js, JAVASCRIPT"
    })
    void ecosystemFilesAreRecognisedByName(String argument, Format format) {
        assertThat(EcosystemReader.looksLikeConfig(argument)).isTrue();
        assertThat(Format.of(argument)).isEqualTo(format);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"app.js", "config.js", "server.cjs", "json", "yaml", "", "api", "0", "/srv/conf.json.d/app.js"})
    void scriptsNamesAndIdsAreNot(String argument) {
        assertThat(EcosystemReader.looksLikeConfig(argument)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"apps.js, JAVASCRIPT", "apps.mjs, JAVASCRIPT", "apps, JSON"})
    void aFileThatIsSaidToBeOneIsReadByItsEnding(String file, Format format) {
        assertThat(Format.of(file)).isEqualTo(format);
    }
}
