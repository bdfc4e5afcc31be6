package io.pm2j.config.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.AppName;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DependencyTest {
    /// `web:api,db` is web, which depends on api and db.
    private static List<AppSpec> apps(String text) {
        return Arrays.stream(text.split(" ")).map(DependencyTest::app).toList();
    }

    private static AppSpec app(String text) {
        String[] parts = text.split(":");
        List<Dependency> on = parts.length == 1
                ? List.of()
                : Arrays.stream(parts[1].split("\\+"))
                        .map(name -> new Dependency(new AppName(name), Dependency.Condition.READY))
                        .toList();
        Program program = new Program("/app.js", List.of(), "node", List.of());
        return AppSpec.draft(new AppName(parts[0]), program, Path.of("/"))
                .dependsOn(on)
                .spec();
    }

    private static String names(List<AppSpec> specs) {
        return String.join(" ", specs.stream().map(spec -> spec.name().text()).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "a b c, a b c",
        "web:api api:db db, db api web",
        "web:api+db db api:db, db api web",
        "a b:z c, a b c",
        "a:b b:a c, b a c",
        "a:a b, a b"
    })
    void whatOthersDependOnComesFirst(String given, String wanted) {
        assertThat(names(Dependency.ordered(apps(given)))).isEqualTo(wanted);
    }

    @Test
    void stepsHoldWhatMayGoOnAtTheSameTime() {
        List<List<AppSpec>> steps = Dependency.steps(apps("web:api+cache api:db cache db other"));

        assertThat(steps.stream().map(DependencyTest::names).toList()).containsExactly("db cache other", "api", "web");
    }

    @ParameterizedTest
    @CsvSource({
        "a:b b:c c:a, a, 'a, b, c, a'",
        "a:a, a, 'a, a'",
        "a:b b:c c:b, a, ''",
        "a:b b:c c:b, b, 'b, c, b'",
        "a:b b, a, ''",
        "a:z, a, ''"
    })
    void aCircleIsShownAsTheWayBackToItsBeginning(String given, String from, String circle) {
        List<AppSpec> all = apps(given);
        AppSpec start = all.stream()
                .filter(app -> app.name().text().equals(from))
                .findFirst()
                .orElseThrow();

        assertThat(Dependency.circle(start, all).stream().map(AppName::text).toList())
                .isEqualTo(circle.isEmpty() ? List.of() : List.of(circle.split(", ")));
    }
}
