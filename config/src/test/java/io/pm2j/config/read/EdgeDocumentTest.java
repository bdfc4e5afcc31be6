package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.EcosystemReader.ReadApps;
import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.config.spec.edge.EdgeFeature;
import io.pm2j.config.spec.edge.EdgeSpec;
import io.pm2j.config.spec.edge.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of docs/edge.md are true.
class EdgeDocumentTest {
    private static final Pattern EXAMPLE = Pattern.compile("```(json|yaml)\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path root;

    private record Example(String language, String text) {}

    @Test
    void everyExampleIsReadWithoutAWordOfComplaint() throws Exception {
        for (Example example : examples()) {
            ReadApps read = read(example);

            assertThat(read.warnings()).as(example.text).isEmpty();
            assertThat(read.edge()).as(example.text).isNotEqualTo(EdgeSpec.NONE);
        }
    }

    @Test
    void whatIsSentIsReadAgainAsTheSame() throws Exception {
        for (Example example : examples()) {
            ReadApps read = read(example);

            assertThat(read.edgeText().spec(EnumSet.allOf(EdgeFeature.class)))
                    .as(example.text)
                    .isEqualTo(read.edge());
        }
    }

    @Test
    void whatIsShownInJsonAndInYamlIsTheSame() throws Exception {
        List<Example> examples = examples();
        int pairs = 0;
        for (int i = 0; i + 1 < examples.size(); i++) {
            if (examples.get(i).language.equals("json")) {
                assertThat(examples.get(i + 1).language).isEqualTo("yaml");
                assertThat(read(examples.get(i)).edge())
                        .isEqualTo(read(examples.get(i + 1)).edge());
                pairs++;
            }
        }
        assertThat(pairs).isPositive();
    }

    @Test
    void everythingThatCanBeSaidIsNamed() throws Exception {
        String document = document();

        for (EdgeFeature feature : EdgeFeature.values()) {
            String key = feature == EdgeFeature.ORIGIN_TLS ? "https://host:port" : feature.key();
            assertThat(document).contains(key);
        }
        for (AccessLogSpec.Field field : AccessLogSpec.Field.values()) {
            assertThat(document).contains("`" + field.name().toLowerCase(Locale.ROOT) + "`");
        }
        for (Template.Place place : Template.Place.values()) {
            assertThat(document).contains("`{" + place.word() + "}`");
        }
    }

    /// So that a key that is added later is added to an example too.
    @Test
    void theExamplesUseEveryFeature() throws Exception {
        StringBuilder problems = new StringBuilder();
        for (Example example : examples()) {
            try {
                read(example, EnumSet.noneOf(EdgeFeature.class));
            } catch (InvalidConfig e) {
                problems.append(e.getMessage()).append('\n');
            }
        }

        for (EdgeFeature feature : EnumSet.complementOf(EnumSet.of(EdgeFeature.ORIGIN_TLS))) {
            assertThat(problems).contains(": " + feature.key() + " is not supported yet\n");
        }
    }

    private ReadApps read(Example example) throws Exception {
        return read(example, EnumSet.allOf(EdgeFeature.class));
    }

    private ReadApps read(Example example, EnumSet<EdgeFeature> supported) throws Exception {
        Ground ground = Ground.withNode(root);
        String name = "apps." + example.language;
        ground.file(name, example.text);
        return EcosystemReader.read(
                Path.of(name), ground.caller(), _ -> true, AppOptions.none("command line", ""), supported);
    }

    private static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        for (MatchResult match : EXAMPLE.matcher(document()).results().toList()) {
            examples.add(new Example(match.group(1), match.group(2)));
        }
        assertThat(examples).hasSizeGreaterThan(5);
        return examples;
    }

    private static String document() throws IOException {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("docs/edge.md"))) {
                return Files.readString(folder.resolve("docs/edge.md"));
            }
        }
        throw new IllegalStateException("no docs/edge.md above " + Path.of("").toAbsolutePath());
    }
}
