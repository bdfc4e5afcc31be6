package io.pm2j.supervisor.node;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;

/// What a Node process says on its channel, one line of JSON each.
///
/// Node's own words have a `cmd` that begins with `NODE_`; everything else was sent by the program with
/// `process.send`.
public sealed interface NodeMessage {
    /// The cluster runtime of the worker is up; the program has not run yet.
    record Online() implements NodeMessage {}

    /// The program called `listen`: may it, and on what? `address` is empty for every interface; `port` is
    /// -1 for a Unix socket, whose path is `address` then. `addressType` is 4, 6, `udp4`, `udp6`, or -1 for
    /// a path. `data` is JSON that all workers of one server share (the ticket keys of a TLS server), or
    /// `null`. `flags` are libuv's for the bind of a UDP socket.
    record QueryServer(
            long sequence, String address, int port, String addressType, int fd, int index, String data, int flags)
            implements NodeMessage {
        /// A UDP socket, which is shared; everything else is a server that accepts.
        public boolean datagram() {
            return addressType.startsWith("udp");
        }
    }

    /// The server that asked for (`address`, `port`) now listens; `port` is the real one.
    record Listening(String address, int port) implements NodeMessage {}

    /// The UDP socket that was asked for as number `index` at `address` now receives.
    record Receiving(String address, String addressType, int index) implements NodeMessage {}

    /// The server that was given `key` was closed by the program.
    record ServerClosed(String key) implements NodeMessage {}

    /// The worker will disconnect on its own; it waits for an acknowledgement.
    record ExitedAfterDisconnect(long sequence) implements NodeMessage {}

    /// The program said `process.send('ready')`. PM2: wait_ready.
    record Ready() implements NodeMessage {}

    /// Another message of the program, as its JSON text.
    record FromProgram(String json) implements NodeMessage {}

    /// Node's own housekeeping that asks nothing of us.
    record Housekeeping() implements NodeMessage {}

    JsonFactory JSON = new JsonFactory();

    /// Reads one line.
    ///
    /// @throws IOException when the line is not JSON
    static NodeMessage parse(String line) throws IOException {
        if (line.equals("\"ready\"")) {
            return new Ready();
        }
        Fields fields = Fields.read(line);
        if (!fields.cmd.startsWith("NODE_")) {
            return new FromProgram(line);
        }
        if (!fields.cmd.equals("NODE_CLUSTER")) {
            return new Housekeeping();
        }
        return switch (fields.act) {
            case "online" -> new Online();
            case "queryServer" ->
                new QueryServer(
                        fields.seq,
                        fields.address,
                        fields.port,
                        fields.addressType,
                        fields.fd,
                        fields.index,
                        fields.data,
                        fields.flags);
            case "listening" ->
                fields.addressType.startsWith("udp")
                        ? new Receiving(fields.address, fields.addressType, fields.index)
                        : new Listening(fields.address, fields.port);
            case "close" -> new ServerClosed(fields.key);
            case "exitedAfterDisconnect" -> new ExitedAfterDisconnect(fields.seq);
            default -> new Housekeeping();
        };
    }

    /// The top-level fields that the cluster module uses; nested values are skipped.
    final class Fields {
        private String cmd = "";
        private String act = "";
        private String key = "";
        private String address = "";
        private String addressType = "";
        private String data = "null";
        private long seq = -1;
        private int port = -1;
        private int fd = -1;
        private int index;
        private int flags;

        private static Fields read(String line) throws IOException {
            Fields fields = new Fields();
            try (JsonParser parser = JSON.createParser(line)) {
                if (parser.nextToken() == JsonToken.START_OBJECT) {
                    fields.take(parser);
                } else {
                    parser.skipChildren();
                }
                // The rest of a message whose beginning another daemon has read may begin like one.
                if (parser.nextToken() != null) {
                    throw new IOException("more than one value in a line");
                }
            }
            return fields;
        }

        private void take(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("data") && value.isStructStart()) {
                    data = text(parser);
                } else if (value.isStructStart()) {
                    parser.skipChildren();
                } else if (value != JsonToken.VALUE_NULL) {
                    set(name, parser.getText());
                }
            }
        }

        private static String text(JsonParser parser) throws IOException {
            StringWriter text = new StringWriter();
            try (JsonGenerator json = JSON.createGenerator(text)) {
                json.copyCurrentStructure(parser);
            }
            return text.toString();
        }

        private void set(String name, String text) {
            switch (name) {
                case "cmd" -> cmd = text;
                case "act" -> act = text;
                case "key" -> key = text;
                case "address" -> address = text;
                case "addressType" -> addressType = text;
                case "seq" -> seq = whole(text, -1);
                case "port" -> port = (int) whole(text, -1);
                case "fd" -> fd = (int) whole(text, -1);
                case "flags" -> flags = (int) whole(text, 0);
                case "index" -> index = (int) whole(text, 0);
                default -> {
                    // not one of the cluster module's
                }
            }
        }

        /// A program may send anything under these names.
        private static long whole(String text, long otherwise) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                return otherwise;
            }
        }
    }
}
