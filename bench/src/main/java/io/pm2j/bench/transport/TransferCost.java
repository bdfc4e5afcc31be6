package io.pm2j.bench.transport;

import com.sun.management.OperatingSystemMXBean;
import io.pm2j.config.Address;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.forward.ProxyOptions;
import io.pm2j.proxy.forward.Target;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Origin;
import io.pm2j.proxy.upstream.Upstream;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Processor time of the proxy per request: `TransferCost <rounds> <seconds> <port or socket of the origin> <path>...`.
///
/// All variants live in this process, one loop each, and take turns under the load of wrk; the origin is the
/// caller's. Prints for each path and variant the median of the rounds, their range, and requests per second.
public final class TransferCost {
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ([0-9.]+)s");
    private static final Pattern TROUBLE = Pattern.compile("Non-2xx.*|Socket errors.*");
    private static final int CONNECTIONS = 16;

    private record Variant(String name, Transport transport, ProxyOptions options) {}

    private record Running(Variant variant, Vertx vertx, Proxy proxy, int port) {}

    private record Sample(double micros, double rate) {}

    private TransferCost() {}

    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[0]);
        int seconds = Integer.parseInt(args[1]);
        List<Running> all = new ArrayList<>();
        for (Variant variant : variants()) {
            all.add(start(variant, args[2]));
        }
        for (String path : List.of(args).subList(3, args.length)) {
            measure(all, path, rounds, seconds);
        }
        for (Running one : all) {
            one.proxy().close();
            one.vertx().close().await();
        }
        System.exit(0);
    }

    private static List<Variant> variants() {
        ProxyOptions usual = ProxyOptions.defaults();
        List<Variant> variants = new ArrayList<>();
        variants.add(new Variant("epoll, splice", Transport.wanted("epoll"), usual));
        variants.add(new Variant("epoll, copy", Transport.wanted("epoll"), usual.withSplice(false)));
        variants.add(new Variant(
                "epoll, no direct send",
                Transport.wanted("epoll"),
                usual.withSplice(false).withDirectSend(false)));
        Transport ring = Transport.wanted("io_uring");
        if (ring == Transport.IO_URING) {
            variants.add(new Variant("io_uring", ring, usual));
        }
        variants.add(new Variant("nio", Transport.wanted("nio"), usual));
        return variants;
    }

    private static Running start(Variant variant, String origin) throws Exception {
        Vertx vertx = variant.transport().vertx(new VertxOptions().setEventLoopPoolSize(1));
        Proxy proxy = Proxy.start(vertx, variant.options());
        Upstream upstream = proxy.upstream("origin");
        Address at = origin.startsWith("/")
                ? new Address.Unix(origin)
                : new Address.Tcp("127.0.0.1", Integer.parseInt(origin));
        upstream.admit(Set.of(new EndpointSpec(1, new Origin.At(at))));
        Listener listener = proxy.listen(new Address.Tcp("127.0.0.1", 0), new Target.App(upstream));
        return new Running(variant, vertx, proxy, ((Address.Tcp) listener.address()).port());
    }

    private static void measure(List<Running> all, String path, int rounds, int seconds) throws Exception {
        List<List<Sample>> samples = new ArrayList<>();
        for (Running one : all) {
            samples.add(new ArrayList<>());
            load(one, path, 2);
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < all.size(); i++) {
                samples.get(i).add(load(all.get(i), path, seconds));
            }
        }
        System.out.println("| " + path + " | µs a request, median | range | requests/s, median |");
        System.out.println("|---|---|---|---|");
        for (int i = 0; i < all.size(); i++) {
            double[] micros =
                    samples.get(i).stream().mapToDouble(Sample::micros).sorted().toArray();
            double[] rates =
                    samples.get(i).stream().mapToDouble(Sample::rate).sorted().toArray();
            System.out.println(String.format(
                    Locale.ROOT,
                    "| %s | %.1f | %.1f to %.1f | %.0f |",
                    all.get(i).variant().name(),
                    micros[micros.length / 2],
                    micros[0],
                    micros[micros.length - 1],
                    rates[rates.length / 2]));
        }
    }

    /// The processor time of this whole process, so that no helper thread of a transport is forgotten.
    private static Sample load(Running target, String path, int seconds) throws IOException, InterruptedException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long before = system.getProcessCpuTime();
        Process wrk = new ProcessBuilder(
                        "wrk",
                        "-t1",
                        "-c" + CONNECTIONS,
                        "-d" + seconds + "s",
                        "http://127.0.0.1:" + target.port() + path)
                .redirectErrorStream(true)
                .start();
        String said;
        try (BufferedReader out = wrk.inputReader()) {
            said = String.join("\n", out.lines().toList());
        }
        wrk.waitFor();
        long nanos = system.getProcessCpuTime() - before;
        Matcher requests = REQUESTS.matcher(said);
        if (!requests.find() || TROUBLE.matcher(said).find()) {
            throw new IOException("wrk with " + Arrays.asList(target.variant().name(), path) + ":\n" + said);
        }
        double count = Double.parseDouble(requests.group(1));
        return new Sample(nanos / 1000.0 / count, count / Double.parseDouble(requests.group(2)));
    }
}
