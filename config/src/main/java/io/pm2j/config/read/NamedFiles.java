package io.pm2j.config.read;

import io.pm2j.config.spec.edge.AccessSpec;
import io.pm2j.config.spec.edge.EdgeSpec;
import io.pm2j.config.spec.edge.PagesSpec;
import io.pm2j.config.spec.edge.RouteSpec;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Other files that a config names and whose contents count: variables, pages, passwords.
final class NamedFiles {
    private NamedFiles() {}

    static void ofApp(AppOptions options, Caller caller, Consumer<Path> named) {
        Values values = new Values(options, Node.Position.UNKNOWN, new Problems(""));
        Path cwd = values.path(Attribute.CWD, caller.cwd()).orElse(caller.cwd());
        for (String file : values.words(Attribute.ENV_FILE)) {
            ScriptFinder.path(cwd, file).ifPresent(named);
        }
    }

    static void ofEdge(EdgeSpec edge, Consumer<Path> named) {
        for (RouteSpec route : edge.routes()) {
            route.policy().access().basic().flatMap(AccessSpec.BasicAuth::file).ifPresent(named);
            PagesSpec pages = route.policy().pages();
            pages.errors().values().forEach(named);
            pages.maintenance().flatMap(PagesSpec.Maintenance::page).ifPresent(named);
        }
    }
}
