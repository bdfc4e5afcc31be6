package io.pm2j.proxy.admission;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.time.Clock;
import java.util.function.LongSupplier;

/// What the routes share: threads for passwords, a client that asks other servers, time.
public record Means(PasswordThreads passwords, HttpClient asking, LongSupplier nanoTime, Clock clock)
        implements AutoCloseable {
    private static final int CONNECTIONS = 64;
    private static final int WAITING = 1024;

    /// Half of the cores may hash passwords; the others go on serving.
    public static Means start(Vertx vertx) {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions().setTcpNoDelay(true),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(WAITING));
        return new Means(new PasswordThreads(threads), client, System::nanoTime, Clock.systemUTC());
    }

    @Override
    public void close() {
        passwords.close();
        asking.close();
    }
}
