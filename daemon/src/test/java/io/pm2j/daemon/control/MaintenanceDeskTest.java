package io.pm2j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.edge.PagesSpec.Maintenance;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.supervisor.app.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The edge is played by a set of those that are closed.
class MaintenanceDeskTest {
    private static final AppName WEB = new AppName("web");
    private static final AppName SHOP = new AppName("shop");
    private static final Optional<Maintenance> PLAIN = Optional.of(Maintenance.PLAIN);

    @TempDir
    Path folder;

    private final Set<AppName> closed = new TreeSet<>();
    private final List<String> warned = new ArrayList<>();

    private MaintenanceDesk desk(Path file) {
        return new MaintenanceDesk(this::edge, file);
    }

    private void edge(AppName app, Optional<Admission> closure) {
        if (closure.isPresent()) {
            closed.add(app);
        } else {
            closed.remove(app);
        }
    }

    private final Progress heard = new Progress() {
        @Override
        public void info(String sentence) {}

        @Override
        public void warn(String sentence) {
            warned.add(sentence);
        }

        @Override
        public void error(String sentence) {}
    };

    @Test
    void whatCannotBeWrittenIsNotSo() throws IOException {
        Path noFolder = Files.writeString(folder.resolve("file"), "");
        MaintenanceDesk desk = desk(noFolder.resolve("maintenance.json"));

        assertThatThrownBy(() -> desk.put(WEB, PLAIN, heard)).isInstanceOf(IOException.class);

        assertThat(closed).isEmpty();
        assertThat(desk.put(WEB, Optional.empty(), heard)).isTrue();
        assertThat(warned).containsExactly("App [web] is not closed for maintenance");
    }

    @Test
    void anAppThatIsRenamedStaysClosed() throws IOException {
        Path file = folder.resolve("maintenance.json");
        MaintenanceDesk desk = desk(file);
        desk.put(WEB, PLAIN, heard);
        desk.settle(Set.of(WEB, SHOP));
        desk.settle(Set.of(WEB));

        desk.follow(WEB, SHOP, heard);
        desk.settle(Set.of(WEB));
        assertThat(closed).as("before it has its name").containsExactly(SHOP, WEB);
        desk.settle(Set.of(SHOP));

        assertThat(closed).containsExactly(SHOP);
        closed.clear();
        desk(file).revive(warned::add);
        assertThat(closed).containsExactly(SHOP);
        assertThat(warned).isEmpty();
    }

    @Test
    void anAppThatWasNotRenamedIsClosedAlone() throws IOException {
        MaintenanceDesk desk = desk(folder.resolve("maintenance.json"));
        desk.put(WEB, PLAIN, heard);

        desk.follow(WEB, SHOP, heard);
        desk.unfollow(SHOP);

        assertThat(closed).containsExactly(WEB);
    }

    @Test
    void anAppThatIsOpenIsRenamedWithoutBeingClosed() throws IOException {
        MaintenanceDesk desk = desk(folder.resolve("maintenance.json"));

        desk.follow(WEB, SHOP, heard);

        assertThat(closed).isEmpty();
    }
}
