package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProtocolTest {
    @ParameterizedTest
    @CsvSource({
        "'', UNDECIDED",
        "G, UNDECIDED",
        "PO, UNDECIDED",
        "PATCH, UNDECIDED",
        "GET /, HTTP",
        "'GET\t', HTTP",
        "PRI *, HTTP",
        "PROPFIND /, HTTP",
        "PING, OPAQUE",
        "GETX /, OPAQUE",
        "get /, OPAQUE",
        "*1, OPAQUE",
        "'\u0016\u0003\u0001', OPAQUE"
    })
    void tellsFromTheFirstBytes(String bytes, Protocol protocol) {
        assertThat(Protocol.of(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1)))
                .isEqualTo(protocol);
    }
}
