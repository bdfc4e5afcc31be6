package io.pm2j.bench.load;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// The load source on the command line:
/// `--url http://127.0.0.1:3000/ --requests 100000 --rate 3000 --post 20 --fresh 20 --ledger dir`.
///
/// `--connections n` in place of `--rate` makes it a closed loop; `--echo` wants each answer to carry the id of its
/// request; `--timeout` is in seconds; `--slow n` adds slow readers of `--slow-path`. Exit 0 when every request was
/// answered and the ledger is clean, 1 when not, 2 when the arguments are wrong.
public final class Main {
    private static final Set<String> KNOWN =
            Set.of("url", "requests", "rate", "connections", "post", "fresh", "ledger", "timeout", "slow", "slow-path");

    private Main() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> options;
        LoadPlan plan;
        try {
            options = options(arguments);
            plan = plan(options);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        LoadReport report = LoadSource.run(plan);
        System.out.print(report.summary());
        boolean clean = true;
        String ledger = options.get("ledger");
        if (ledger != null) {
            Ledger.Verdict verdict = Ledger.check(Path.of(ledger), report);
            System.out.println(verdict.summary());
            clean = verdict.clean();
        }
        System.out.println(report.machineLine());
        System.exit(clean && report.failures().isEmpty() ? 0 : 1);
    }

    private static Map<String, String> options(String[] arguments) {
        var options = new HashMap<String, String>();
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i].replaceFirst("^--", "");
            if (name.equals("echo")) {
                options.put(name, "yes");
            } else if (KNOWN.contains(name) && i + 1 < arguments.length) {
                options.put(name, arguments[++i]);
            } else {
                throw new IllegalArgumentException("argument: " + arguments[i] + " (expected one of " + KNOWN + ")");
            }
        }
        return options;
    }

    private static LoadPlan plan(Map<String, String> options) {
        String connections = options.get("connections");
        Pace pace = connections != null
                ? new Pace.ClosedLoop(Integer.parseInt(connections))
                : new Pace.OpenLoop(number(options, "rate", 1000));
        var plan = LoadPlan.of(
                        URI.create(options.getOrDefault("url", "http://127.0.0.1:3000/")),
                        number(options, "requests", 10_000),
                        pace)
                .withShares(number(options, "post", 0), number(options, "fresh", 0))
                .withTimeout(Duration.ofSeconds(number(options, "timeout", 10)))
                .withSlowReaders(number(options, "slow", 0), options.getOrDefault("slow-path", "/big"));
        return options.containsKey("echo") ? plan.withEcho() : plan;
    }

    private static int number(Map<String, String> options, String name, int otherwise) {
        String text = options.get(name);
        return text == null ? otherwise : Integer.parseInt(text);
    }
}
