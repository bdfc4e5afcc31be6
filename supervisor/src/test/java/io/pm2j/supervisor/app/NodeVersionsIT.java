package io.pm2j.supervisor.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeVersionsIT {
    private final NodeVersions versions = new NodeVersions();

    @TempDir
    private Path folder;

    @Test
    void saysWhatTheAppsOwnNodeSays() throws Exception {
        AppSpec spec = withNode("echo asked >> \"$0.asked\"; echo v21.2.3");

        assertThat(versions.of(spec)).isEqualTo("21.2.3");
        assertThat(versions.of(spec)).isEqualTo("21.2.3");
        assertThat(folder.resolve("node.asked")).as("once").hasContent("asked");
    }

    @Test
    void asksAgainWhenTheProgramIsAnother() throws Exception {
        AppSpec spec = withNode("echo v21.2.3");
        assertThat(versions.of(spec)).isEqualTo("21.2.3");

        withNode("echo v22.0.1");
        Files.setLastModifiedTime(
                folder.resolve("node"), FileTime.from(Instant.now().plusSeconds(5)));

        assertThat(versions.of(spec)).isEqualTo("22.0.1");
    }

    @Test
    void isNothingWhereItCannotBeTold() throws Exception {
        assertThat(versions.of(withNode("exit 3"))).isEmpty();
        assertThat(versions.of(Specs.python(Specs.fork("py", "/srv/app.py")))).isEmpty();
        assertThat(versions.of(Specs.withEnv(Specs.fork("web", "/srv/app.js"), Map.of("PATH", "/nowhere"))))
                .isEmpty();
    }

    private AppSpec withNode(String script) throws IOException {
        Path node = folder.resolve("node");
        Files.writeString(node, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(node, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Specs.withEnv(Specs.cluster("web", "/srv/app.js", 1), Map.of("PATH", folder + ":/usr/bin:/bin"));
    }
}
