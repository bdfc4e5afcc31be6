package io.pm2j.daemon.admin;

import io.pm2j.supervisor.app.ProcessView;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// `GET /` (processes and host as JSON) and `GET /metrics` (Prometheus text) on loopback. Off until asked for.
///
/// PM2 0.7: `pm2 web` answered JSON on port 9615. Environments are left out: they may hold secrets.
public final class AdminServer implements AutoCloseable {
    /// Unless PM2_API_PORT says another.
    public static final int DEFAULT_PORT = 9_615;

    private static final String LOOPBACK = "127.0.0.1";
    private static final long LONGEST_BIND_SECONDS = 10;

    private final Vertx vertx;
    private final Supplier<List<ProcessView>> processes;
    private final Supplier<String> metrics;
    private final Executor mayBlock = Executors.newVirtualThreadPerTaskExecutor();
    private @Nullable HttpServer server;

    /// `metrics` renders the Prometheus text; both suppliers may block.
    public AdminServer(Vertx vertx, Supplier<List<ProcessView>> processes, Supplier<String> metrics) {
        this.vertx = vertx;
        this.processes = processes;
        this.metrics = metrics;
    }

    /// Opens it on `port` of the loopback interface; the answer is where it is open, which may be an earlier port.
    ///
    /// @throws IOException when the port cannot be had
    public synchronized int open(int port) throws IOException, InterruptedException {
        if (server != null) {
            return server.actualPort();
        }
        Router router = Router.router(vertx);
        router.get("/").handler(context -> answer(context, "application/json; charset=utf-8", this::status));
        router.get("/metrics").handler(context -> answer(context, "text/plain; version=0.0.4; charset=utf-8", metrics));
        HttpServer fresh = vertx.createHttpServer(
                        new HttpServerOptions().setHost(LOOPBACK).setPort(port))
                .requestHandler(router);
        try {
            fresh.listen().await(LONGEST_BIND_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException(LOOPBACK + ":" + port + " could not be opened in time", e);
        } catch (RuntimeException e) {
            throw new IOException(LOOPBACK + ":" + port + " cannot be opened: " + e.getMessage(), e);
        }
        server = fresh;
        return fresh.actualPort();
    }

    /// Where it is open, 0 when it is not.
    public synchronized int port() {
        return server == null ? 0 : server.actualPort();
    }

    @Override
    public synchronized void close() throws TimeoutException {
        if (server != null) {
            server.close().await(LONGEST_BIND_SECONDS, TimeUnit.SECONDS);
            server = null;
        }
    }

    private void answer(RoutingContext context, String type, Supplier<String> body) {
        Future<String> text = Future.future(promise -> mayBlock.execute(() -> {
            try {
                promise.complete(body.get());
            } catch (RuntimeException e) {
                promise.fail(e);
            }
        }));
        text.onSuccess(t -> context.response()
                        .putHeader("Content-Type", type)
                        .putHeader("Cache-Control", "no-store")
                        .end(t))
                .onFailure(context::fail);
    }

    private String status() {
        HostStat host = HostStat.now();
        JsonArray list = new JsonArray();
        processes.get().forEach(view -> list.add(process(view)));
        return new JsonObject()
                        .put(
                                "system_info",
                                new JsonObject()
                                        .put("hostname", host.hostname())
                                        .put("uptime", host.uptimeSeconds()))
                        .put(
                                "monit",
                                new JsonObject()
                                        .put(
                                                "loadavg",
                                                new JsonArray(List.of(host.load1(), host.load5(), host.load15())))
                                        .put("total_mem", host.memoryTotal())
                                        .put("free_mem", host.memoryAvailable())
                                        .put("cpu", host.processors()))
                        .put("processes", list)
                        .encodePrettily()
                + "\n";
    }

    private static JsonObject process(ProcessView view) {
        return new JsonObject()
                .put("pid", view.pid())
                .put("name", view.name())
                .put("pm_id", view.pmId())
                .put("monit", new JsonObject().put("memory", view.memoryBytes()).put("cpu", view.cpuPercent()))
                .put(
                        "pm2_env",
                        new JsonObject()
                                .put("status", view.status())
                                .put("exec_mode", view.execMode() + "_mode")
                                .put("namespace", view.namespace())
                                .put("version", view.version())
                                .put("pm_uptime", view.startedAtMillis())
                                .put("created_at", view.createdAtMillis())
                                .put("restart_time", view.restarts())
                                .put("unstable_restarts", view.unstableRestarts())
                                .put("pm_exec_path", view.script())
                                .put("listens", new JsonArray(view.listens())));
    }
}
