package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The list that is remembered on request, and brought back.
class SaveIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void resurrectBringsBackWhatWasSaved() throws Exception {
        start("walks");
        start("rests");
        start("acts");
        product.app("site");
        int port = product.freePort();
        product.run("serve", "site", String.valueOf(port)).succeeds();
        product.run("stop", "rests").succeeds();
        product.run("save").succeeds();
        List<String> saved = listed();

        product.run("kill").succeeds();
        assertThat(product.jlist()).isEmpty();
        product.run("resurrect").succeeds();

        assertThat(listed()).isEqualTo(saved);
        assertThat(product.status(port, "/")).isEqualTo(200);
        for (String file : List.of("dump.pm2", "journal/walks.json", "journal/walks.json.bak")) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(product.home().resolve(file))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void resurrectStartsOnlyWhatIsNotInTheList() throws Exception {
        start("walks");
        start("acts");
        product.run("save").succeeds();
        List<Long> walking = product.pids("walks");

        product.run("delete", "acts").succeeds();
        product.run("resurrect").succeeds();

        assertThat(product.pids("walks")).isEqualTo(walking);
        assertThat(product.statuses("acts")).containsExactly("online");
        assertThat(product.jlist()).hasSize(2);
    }

    @Test
    void anEmptyListIsSavedOnlyByForce() throws Exception {
        start("walks");
        product.run("save").succeeds();
        product.run("delete", "walks").succeeds();

        Ran save = product.run("save").succeeds();
        assertThat(save.all()).contains("not managing any process", "--force");
        product.run("resurrect").succeeds();
        assertThat(product.statuses("walks")).containsExactly("online");
        product.run("delete", "walks").succeeds();
        product.run("save", "--force").succeeds();
        product.run("resurrect").succeeds();
        assertThat(product.jlist()).isEmpty();
    }

    @Test
    void autosaveFollowsEveryChangeAndClearDumpForgets() throws Exception {
        start("before");
        product.run("autosave", "on").succeeds();
        start("after");
        assertThat(dump()).contains("\"before\"", "\"after\"");
        product.run("delete", "before").succeeds();
        assertThat(dump()).doesNotContain("\"before\"").contains("\"after\"");

        product.run("cleardump").succeeds();
        assertThat(dump()).doesNotContain("\"after\"");
        product.run("autosave", "off").succeeds();
        product.run("stop", "after").succeeds();
        assertThat(dump()).doesNotContain("\"after\"");
    }

    @Test
    void theEndOfTheSystemSavesWhatRanAndTheBackupReplacesADamagedDump() throws Exception {
        start("walks");
        product.run("save").succeeds();

        long daemon = Outage.daemonPid(product);
        ProcessHandle.of(daemon).orElseThrow().destroy();
        Product.eventually("the daemon ends", () -> Outage.gone(daemon), gone -> gone);

        assertThat(Processes.of(product.home())).isEmpty();
        assertThat(dump()).contains("\"walks\"");
        Path dump = product.home().resolve("dump.pm2");
        byte[] whole = Files.readAllBytes(dump);
        Files.write(dump, Arrays.copyOf(whole, whole.length / 2));
        Ran resurrect = product.run("resurrect").succeeds();
        assertThat(resurrect.all()).contains("dump.pm2 is damaged", "dump.pm2.bak");
        assertThat(product.statuses("walks")).containsExactly("online");
    }

    // --- steps ---------------------------------------------------------------------------------------------

    private void start(String name) throws Exception {
        if (!Files.exists(product.work().resolve("lines"))) {
            product.app("lines");
        }
        product.run("start", "lines/app.py", "--name", name).succeeds();
    }

    private String dump() throws IOException {
        return Files.readString(product.home().resolve("dump.pm2"));
    }

    private List<String> listed() throws Exception {
        var listed = new ArrayList<String>();
        for (JsonNode process : product.jlist()) {
            listed.add(process.path("pm_id").asInt() + " "
                    + process.path("name").asText() + " "
                    + process.path("pm2_env").path("status").asText());
        }
        return listed;
    }
}
