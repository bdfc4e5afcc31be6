package io.pm2j.supervisor.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class InheritanceTest {
    @Test
    void isThereUntilAllAppsAreTakenUpAndNotForThoseThatComeLater() {
        AppHandover.Working worker = new AppHandover.Working(
                "7e57",
                3,
                true,
                false,
                "",
                Optional.empty(),
                List.of(),
                List.of(),
                Map.of(),
                new AppHandover.Watched(true, false, Optional.empty(), OptionalInt.empty()));
        Inheritance inheritance =
                new Inheritance(List.of(new AppHandover("web", List.of(), List.of(), List.of(worker))));
        assertThat(inheritance.app("web")).isPresent();
        assertThat(inheritance.worker("7e57")).contains(worker);
        assertThat(inheritance.lastId()).isEqualTo(3);

        inheritance.isTaken();

        assertThat(inheritance.any()).isTrue();
        assertThat(inheritance.app("web")).isEmpty();
        assertThat(inheritance.worker("7e57")).isEmpty();
    }
}
