package io.pm2j.supervisor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeMessageTest {
    @Test
    void understandsAListenOnEveryInterface() throws IOException {
        assertThat(NodeMessage.parse("{\"cmd\":\"NODE_CLUSTER\",\"act\":\"queryServer\",\"index\":0,\"data\":null,"
                        + "\"address\":null,\"port\":3000,\"addressType\":4,\"flags\":0,\"seq\":7}"))
                .isEqualTo(new NodeMessage.QueryServer(7, "", 3000, "4", -1, 0, "null", 0));
    }

    @Test
    void understandsAUdpSocket() throws IOException {
        var query = (NodeMessage.QueryServer) NodeMessage.parse("{\"cmd\":\"NODE_CLUSTER\",\"act\":\"queryServer\","
                + "\"index\":2,\"data\":null,\"address\":\"0.0.0.0\",\"port\":53,\"addressType\":\"udp4\",\"fd\":-1,"
                + "\"flags\":4,\"seq\":9}");

        assertThat(query.datagram()).isTrue();
        assertThat(query).isEqualTo(new NodeMessage.QueryServer(9, "0.0.0.0", 53, "udp4", -1, 2, "null", 4));
        assertThat(NodeMessage.parse("{\"cmd\":\"NODE_CLUSTER\",\"act\":\"listening\",\"address\":\"::\","
                        + "\"port\":53,\"addressType\":\"udp6\",\"index\":1}"))
                .isEqualTo(new NodeMessage.Receiving("::", "udp6", 1));
    }

    @Test
    void keepsWhatTlsWorkersShare() throws IOException {
        var query = (NodeMessage.QueryServer) NodeMessage.parse(
                "{\"cmd\":\"NODE_CLUSTER\",\"act\":\"queryServer\",\"index\":1,\"data\":{\"ticketKeys\":\"ab\"},"
                        + "\"address\":\"127.0.0.1\",\"port\":443,\"addressType\":4,\"seq\":2}");

        assertThat(query.data()).isEqualTo("{\"ticketKeys\":\"ab\"}");
        assertThat(query.address()).isEqualTo("127.0.0.1");
        assertThat(query.index()).isOne();
    }

    /// A daemon that was killed had read the beginning.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"cmd\":\"NODE_CLUSTER\",\"act\":\"close\",\"key\":\"k\"}}",
                "5,\"seq\":7}",
                "\"ready\"]}",
                "ster\",\"seq\":1}"
            })
    void isNotMisledByTheRestOfALine(String rest) {
        assertThatThrownBy(() -> NodeMessage.parse(rest)).isInstanceOf(IOException.class);
    }

    @Test
    void understandsAUnixSocket() throws IOException {
        var query = (NodeMessage.QueryServer) NodeMessage.parse("{\"cmd\":\"NODE_CLUSTER\",\"act\":\"queryServer\","
                + "\"address\":\"/run/a.sock\",\"port\":-1,\"addressType\":-1,\"seq\":1}");

        assertThat(query.port()).isNegative();
        assertThat(query.address()).isEqualTo("/run/a.sock");
    }

    @Test
    void understandsTheRestOfTheClustersWords() throws IOException {
        assertThat(NodeMessage.parse("{\"cmd\":\"NODE_CLUSTER\",\"act\":\"online\"}"))
                .isEqualTo(new NodeMessage.Online());
        assertThat(NodeMessage.parse("{\"cmd\":\"NODE_CLUSTER\",\"act\":\"listening\",\"address\":null,\"port\":80}"))
                .isEqualTo(new NodeMessage.Listening("", 80));
        assertThat(NodeMessage.parse("{\"cmd\":\"NODE_CLUSTER\",\"act\":\"close\",\"key\":\"k\"}"))
                .isEqualTo(new NodeMessage.ServerClosed("k"));
        assertThat(NodeMessage.parse("{\"cmd\":\"NODE_CLUSTER\",\"act\":\"exitedAfterDisconnect\",\"seq\":3}"))
                .isEqualTo(new NodeMessage.ExitedAfterDisconnect(3));
        assertThat(NodeMessage.parse("{\"cmd\":\"NODE_HANDLE_ACK\"}")).isEqualTo(new NodeMessage.Housekeeping());
        assertThat(NodeMessage.parse("{\"cmd\":\"NODE_CLUSTER\",\"ack\":3,\"accepted\":true}"))
                .isEqualTo(new NodeMessage.Housekeeping());
    }

    @Test
    void tellsReadyFromOtherWordsOfTheProgram() throws IOException {
        assertThat(NodeMessage.parse("\"ready\"")).isEqualTo(new NodeMessage.Ready());
        assertThat(NodeMessage.parse("\"steady\"")).isEqualTo(new NodeMessage.FromProgram("\"steady\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"type\":\"x\",\"port\":\"many\"}", "{\"act\":\"queryServer\"}", "[1]", "3", "null", "{}"})
    void takesAnythingThatAProgramSends(String json) throws IOException {
        assertThat(NodeMessage.parse(json)).isEqualTo(new NodeMessage.FromProgram(json));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"cmd\":", "nonsense"})
    void refusesWhatIsNotJson(String line) {
        assertThatThrownBy(() -> NodeMessage.parse(line)).isInstanceOf(IOException.class);
    }
}
