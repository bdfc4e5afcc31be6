package io.pm2j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Standing;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SelectionTest {
    private final ProcessView api0 = view(0, "api", "default");
    private final ProcessView api1 = view(1, "api", "default");
    private final ProcessView web = view(2, "web", "front");
    private final ProcessView named1 = view(3, "1", "front");
    private final List<ProcessView> everything = List.of(api0, api1, web, named1);

    @Test
    void aNameChoosesAllItsInstances() {
        assertThat(Selection.of(List.of("api"), everything).chosen()).containsExactly(api0, api1);
    }

    @Test
    void aNameThatLooksLikeANumberWinsOverTheId() {
        assertThat(Selection.of(List.of("1"), everything).chosen()).containsExactly(named1);
    }

    @Test
    void anIdChoosesOneInstance() {
        assertThat(Selection.of(List.of("2"), everything).chosen()).containsExactly(web);
    }

    @Test
    void aNamespaceChoosesItsApps() {
        assertThat(Selection.of(List.of("front"), everything).chosen()).containsExactly(web, named1);
    }

    @Test
    void aScriptPathChoosesItsApp() {
        assertThat(Selection.of(List.of("/srv/web.js"), everything).chosen()).containsExactly(web);
    }

    @Test
    void allChoosesEverythingAndNothingTwice() {
        Selection selection = Selection.of(List.of("all", "api", "0"), everything);

        assertThat(selection.chosen()).containsExactlyElementsOf(everything);
        assertThat(selection.byApp()).isEqualTo(Map.of("api", Set.of(0, 1), "web", Set.of(2), "1", Set.of(3)));
    }

    @Test
    void namesWhatChoseNothing() {
        assertThat(Selection.of(List.of("web", "nope", "17"), everything).unknown())
                .containsExactly("nope", "17");
        assertThat(Selection.of(List.of("all"), List.of()).unknown()).containsExactly("all");
    }

    @Test
    void idsAndNamesMixedFollowTheirInstancesOnly() {
        Followed followed = Followed.of(List.of("0", "web"), everything);
        assertThat(followed.wants(0, "api")).isTrue();
        assertThat(followed.wants(1, "api")).isFalse();
        assertThat(followed.wants(9, "web")).isTrue();
        assertThat(Followed.of(List.of("1"), everything).wants(1, "api")).isFalse();
        assertThat(Followed.of(List.of("1"), everything).wants(3, "1")).isTrue();
        assertThat(Followed.of(List.of("all"), everything).wants(9, "new")).isTrue();
    }

    private static ProcessView view(int pmId, String name, String namespace) {
        return new ProcessView(
                pmId,
                name,
                namespace,
                "1.0.0",
                "fork",
                100 + pmId,
                "online",
                0,
                0,
                0,
                0,
                0,
                0,
                "root",
                false,
                true,
                1,
                0,
                0,
                "/srv/" + name + ".js",
                List.of(),
                "/srv",
                "node",
                List.of(),
                "",
                "",
                "",
                "",
                OptionalInt.empty(),
                "",
                "",
                "",
                List.of(),
                0,
                0,
                false,
                Map.of(),
                Standing.NONE);
    }
}
