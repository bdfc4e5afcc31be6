package io.pm2j.cli.typed;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Commands and options of PM2 that make no sense here, each with the sentence that says what to do instead. Pure.
public final class NotHere {
    private static final String DASHBOARD =
            "is of PM2's hosted dashboard, of which pm2j has none (expected: pm2j monit, or pm2j web for Prometheus)";
    private static final String MODULES = "is of PM2's modules, of which pm2j has none: rotation of logs, metrics and"
            + " reload by files are built in (expected: log_rotate, pm2j web, config_watch)";
    private static final String VERSIONING =
            "is of version control on this machine, which pm2j leaves alone (expected: pm2j deploy, pm2j rollback)";
    private static final String DOCKER =
            "is of PM2's Docker mode, of which pm2j has none (expected: pm2j runtime as the image's command)";
    private static final String PROFILE =
            "profiles PM2's own Node (expected: jcmd for pm2j's daemon, pm2j inspect for an app)";

    private static final Map<String, String> COMMANDS = commands();
    private static final Map<String, String> OPTIONS = options();

    private NotHere() {}

    /// Why there is no such command; nothing when PM2 has none of that name either.
    public static Optional<String> command(String name) {
        return Optional.ofNullable(COMMANDS.get(name)).map(why -> name + " " + why);
    }

    /// Why there is no such option; nothing when PM2 has none of that spelling either.
    public static Optional<String> option(String spelling) {
        return Optional.ofNullable(OPTIONS.get(spelling)).map(why -> spelling + " " + why);
    }

    /// All those commands.
    public static Set<String> commandNames() {
        return COMMANDS.keySet();
    }

    /// All those options.
    public static Set<String> optionSpellings() {
        return OPTIONS.keySet();
    }

    private static Map<String, String> commands() {
        Map<String, String> all = new LinkedHashMap<>();
        List.of("link", "unlink", "plus", "register", "login", "logout", "open", "monitor", "unmonitor", "interact")
                .forEach(name -> all.put(name, DASHBOARD));
        List.of("killInteract", "install-otel", "uninstall-otel").forEach(name -> all.put(name, DASHBOARD));
        List.of("install", "uninstall", "package", "publish").forEach(name -> all.put(name, MODULES));
        List.of("module:install", "module:update", "module:uninstall", "module:publish", "module:generate")
                .forEach(name -> all.put(name, MODULES));
        List.of("pull", "forward", "backward").forEach(name -> all.put(name, VERSIONING));
        List.of("profile:cpu", "profile:mem").forEach(name -> all.put(name, PROFILE));
        all.put("deepUpdate", "installs PM2 by npm (expected: a new pm2j in its place, then pm2j update)");
        all.put("logrotate", "writes a file for logrotate, and pm2j rotates logs itself (expected: log_rotate)");
        all.put("create", "copies a sample of PM2's (expected: pm2j init, or pm2j init --skeleton <user>)");
        all.put("generate", "is pm2j init by now (expected: pm2j init)");
        all.put("autoinstall", "points at a file that PM2 does not ship (expected: pm2j startup)");
        return all;
    }

    private static Map<String, String> options() {
        Map<String, String> all = new LinkedHashMap<>();
        List.of("--container", "--dist", "--image-name", "--node-version", "--fresh", "--daemon", "--dockerdaemon")
                .forEach(name -> all.put(name, DOCKER));
        String secrets = "would show a password in every list of processes (expected: a route with basic_auth)";
        all.put("--basic-auth-username", secrets);
        all.put("--basic-auth-password", secrets);
        all.put("--ftp", "lists folders, which the edge does not (expected: an index.html in each)");
        all.put("--monitor", DASHBOARD);
        String write = "writes NAME-pm2.json (expected: pm2j init json, then the app's values)";
        all.put("--write", write);
        all.put("-w", write);
        return all;
    }
}
