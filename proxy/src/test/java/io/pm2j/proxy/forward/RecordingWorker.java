package io.pm2j.proxy.forward;

import io.pm2j.proxy.upstream.EndpointSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// A real Node process that writes down every request it sees (`corpus/recorder.js`).
final class RecordingWorker implements AutoCloseable {
    /// Since its start: requests whose head arrived, requests that arrived whole, connections it refused;
    /// and the text of the first few since the last report.
    record Report(long started, long complete, long refused, String text) {}

    private final Process node;
    private final int port;
    private final Socket control;
    private final BufferedReader reports;

    RecordingWorker() throws IOException {
        node = new ProcessBuilder(
                        "node", Path.of("src/test/resources/corpus/recorder.js").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String[] ports = new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.US_ASCII))
                .readLine()
                .split(" ");
        port = Integer.parseInt(ports[0]);
        control = new Socket("127.0.0.1", Integer.parseInt(ports[1]));
        control.setTcpNoDelay(true);
        reports = new BufferedReader(new InputStreamReader(control.getInputStream(), StandardCharsets.UTF_8));
    }

    EndpointSpec endpoint(long id) {
        return ScriptedOrigin.at(id, port);
    }

    Report report() throws IOException {
        control.getOutputStream().write('?');
        String[] fields = reports.readLine().split(",", 4);
        return new Report(
                Long.parseLong(fields[0].substring(1)),
                Long.parseLong(fields[1]),
                Long.parseLong(fields[2]),
                fields[3].replace("\\n", "\n"));
    }

    @Override
    public void close() throws IOException {
        control.close();
        node.destroyForcibly();
        try {
            node.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
