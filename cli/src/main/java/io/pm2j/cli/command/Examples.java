package io.pm2j.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What people type most, by command: the end of each `--help`.
final class Examples {
    private static final Map<String, List<String>> ALL = Map.ofEntries(
            Map.entry(
                    "start",
                    List.of(
                            "app.js --name api -i max",
                            "ecosystem.config.js --env production --only api,worker",
                            "app.py --interpreter python3 -- --port 8000",
                            "\"npm run serve\" --name web",
                            "- < apps.json")),
            Map.entry(
                    "restart",
                    List.of(
                            "api",
                            "0 1",
                            "/^web/",
                            "all --update-env",
                            "api --max-memory-restart 200M",
                            "api -- --verbose")),
            Map.entry(
                    "reload",
                    List.of(
                            "api",
                            "ecosystem.config.js",
                            "--namespace shop",
                            "api --canary 10%",
                            "api --canary cookie:beta=1")),
            Map.entry("promote", List.of("api", "api 50")),
            Map.entry(
                    "maintenance", List.of("api on --page soon.html --retry-after 600 --allow 10.0.0.0/8", "api off")),
            Map.entry("stop", List.of("api", "/^web/", "--namespace shop", "ecosystem.config.js")),
            Map.entry("delete", List.of("api", "all")),
            Map.entry("scale", List.of("api 4", "api +2", "api -1")),
            Map.entry("list", List.of("--sort memory:desc", "-m", "--watch", "--json")),
            Map.entry("logs", List.of("api --lines 100", "--err", "api --raw --nostream")),
            Map.entry("sendSignal", List.of("SIGUSR2 api")),
            Map.entry("send", List.of("0 \"reload templates\"")),
            Map.entry("trigger", List.of("api clear-cache", "api set-level debug")),
            Map.entry("sendMessage", List.of("api '{\"topic\":\"hello\"}'")),
            Map.entry("set", List.of("api.LEVEL debug")),
            Map.entry("multiset", List.of("\"api.LEVEL debug api.DEPTH 3\"")),
            Map.entry("ecosystem", List.of("simple", "yaml")),
            Map.entry("serve", List.of("./dist 8080 --spa")),
            Map.entry("describe", List.of("api", "0 --json")));

    private Examples() {}

    static List<String> of(String command) {
        List<String> lines = new ArrayList<>();
        for (String rest : ALL.getOrDefault(command, List.of())) {
            lines.add("  $ pm2j " + command + " " + rest);
        }
        return lines;
    }
}
