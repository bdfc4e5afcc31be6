package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.TlsSpec;
import io.pm2j.config.spec.edge.TlsSpec.KeyFiles;
import io.pm2j.config.spec.edge.TlsSpec.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The `tls` of a listener.
class TlsReaderTest {
    @TempDir
    Path folder = Path.of("");

    private Ground ground;

    @BeforeEach
    void open() throws Exception {
        ground = Ground.withNode(folder);
    }

    @Test
    void readsOneCertificate() throws Exception {
        assertThat(tls("{'cert':'/c.pem','key':'/k.pem'}"))
                .isEqualTo(new TlsSpec(List.of(files("/c.pem", "/k.pem")), Version.TLS1_2, true));
    }

    @Test
    void readsSeveralAndTheOldestVersion() throws Exception {
        List<KeyFiles> both = List.of(files("/a", "/b"), files("/c", "/d"));
        String list = "[{'cert':'/a','key':'/b'},{'cert':'/c','key':'/d'}]";

        assertThat(tls(list)).isEqualTo(new TlsSpec(both, Version.TLS1_2, true));
        assertThat(tls("{'certificates':" + list + ",'min_version':1.3}"))
                .isEqualTo(new TlsSpec(both, Version.TLS1_3, true));
    }

    @Test
    void readsThatOnlyHttp1IsSpoken() throws Exception {
        assertThat(tls("{'cert':'/c.pem','key':'/k.pem','http2':false}"))
                .isEqualTo(new TlsSpec(List.of(files("/c.pem", "/k.pem")), Version.TLS1_2, false));
    }

    @Test
    void findsFilesBesideTheFile() throws Exception {
        Path cert = ground.file("cert.pem", "");

        assertThat(tls("{'cert':'cert.pem','key':'/k'}")
                        .certificates()
                        .getFirst()
                        .certificate())
                .isEqualTo(cert);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'cert':'/c'}                                | key is missing (expected: cert and key",
                "{'key':'/c'}                                 | cert is missing (expected: cert and key",
                "'''/c'''                                     | expected: cert and key, the paths of PEM files",
                "[]                                           | tls without a certificate (expected: cert and key)",
                "{'certificates':[{'cert':'/c'}]}             | key is missing (expected: cert and key",
                "{'cert':'/c','key':'/k','http2':'h2'} | 'h2' (expected: true or false)",
                "{'cert':'/c','key':'/k','min_version':'1.1'} | '1.1' (expected: 1.2 or 1.3)",
                "[{'cert':'/c','key':'/k'},{'cert':'/c','key':'/k'}] | a certificate given twice (expected: each once)"
            })
    void saysWhatIsWrong(String tls, String sentence) {
        InvalidConfig problems = catchThrowableOfType(InvalidConfig.class, () -> tls(tls));

        assertThat(problems.problems()).hasSize(1);
        assertThat(problems.problems().getFirst().sentence()).contains(sentence);
    }

    @Test
    void refusesTlsOfDatagrams() {
        InvalidConfig problems = catchThrowableOfType(
                InvalidConfig.class,
                () -> listener("{'address':53,'protocol':'udp','app':'a','tls':{'cert':'/c','key':'/k'}}"));

        assertThat(problems.problems().getFirst().sentence()).contains("tls with udp (expected: http or tcp)");
    }

    private static KeyFiles files(String certificate, String key) {
        return new KeyFiles(Path.of(certificate), Path.of(key));
    }

    private TlsSpec tls(String value) throws Exception {
        return listener("{'address':443,'tls':" + value + "}").tls().orElseThrow();
    }

    private ListenerSpec listener(String listener) throws Exception {
        String json = "{'apps':[{'name':'a','script':'app.js'}],'edge':{'listeners':[" + listener
                + "],'routes':[{'app':'a'}]}}";
        Path file = ground.file("apps.json", json.replace('\'', '"'));
        Caller caller = new Caller(ground.folder, Map.of("PATH", ground.programs.toString()), 1, Optional.empty());
        return EcosystemReader.read(file, caller, _ -> true, AppOptions.none("", ""))
                .edge()
                .listeners()
                .getFirst();
    }
}
