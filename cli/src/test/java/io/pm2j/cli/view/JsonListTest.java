package io.pm2j.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.pm2j.cli.Views;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JsonListTest {
    private static final String JSON = JsonList.of(ProcessShape.all(List.of(Views.API), List.of()));

    @Test
    void hasTheKeysThatToolsReadFromPm2() throws IOException {
        Map<String, String> found = scalars(JSON);
        assertThat(found)
                .containsEntry("/0/pid", "4711")
                .containsEntry("/0/name", "api")
                .containsEntry("/0/pm_id", "0")
                .containsEntry("/0/monit/memory", "47395635")
                .containsEntry("/0/monit/cpu", "0.5")
                .containsEntry("/0/pm2_env/status", "online")
                .containsEntry("/0/pm2_env/pm_uptime", "1700000000000")
                .containsEntry("/0/pm2_env/restart_time", "1")
                .containsEntry("/0/pm2_env/exec_mode", "cluster_mode")
                .containsEntry("/0/pm2_env/pm_exec_path", "/srv/app.js")
                .containsEntry("/0/pm2_env/exit_code", "3");
    }

    @Test
    void spreadsTheEnvironmentButHidesNoKeyOfPm2s() throws IOException {
        Map<String, String> found = scalars(JSON);
        assertThat(found)
                .containsEntry("/0/pm2_env/PORT", "3000")
                .containsEntry("/0/pm2_env/env/PORT", "3000")
                .containsEntry("/0/pm2_env/name", "api")
                .containsEntry("/0/pm2_env/env/name", "mine");
    }

    @Test
    void isOneLineAlsoWithoutApps() {
        assertThat(JSON).doesNotContain("\n");
        assertThat(JsonList.of(List.of())).isEqualTo("[]");
    }

    /// Every scalar by its path; fails on a key that occurs twice.
    private static Map<String, String> scalars(String json) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (JsonParser parser = new JsonFactory()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature())
                .createParser(json)) {
            JsonToken token;
            while ((token = parser.nextToken()) != null) {
                if (token.isScalarValue()) {
                    found.put(path(parser), parser.getText());
                }
            }
        }
        return found;
    }

    private static String path(JsonParser parser) {
        return parser.getParsingContext().pathAsPointer().toString();
    }
}
