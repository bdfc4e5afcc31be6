package io.pm2j.cli.command;

import io.pm2j.cli.link.SettingsFile;
import io.pm2j.cli.typed.CalledAs;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.control.ControlRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// `set`, `get`, `unset`, `multiset` and `conf`: values that apps find in their environments. PM2: `app.key`, and
/// `app:key` as well; setting one restarts the app.
final class Settings {
    private static final String AUTODUMP = "autodump";
    private static final String OURS = "pm2";

    private Settings() {}

    /// A key, and the app that it is for; an empty app is none.
    private record Key(String app, String name) {
        static Key of(String typed) {
            int at = typed.indexOf(':') >= 0 ? typed.indexOf(':') : typed.indexOf('.');
            return at < 0 ? new Key("", typed) : new Key(typed.substring(0, at), typed.substring(at + 1));
        }
    }

    static int set(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        if (operands.size() != 2) {
            throw new Failure("set what? (expected: pm2j set <key> <value>)");
        }
        return put(session, operands);
    }

    static int multiset(Session session) throws Failure {
        List<String> words = new ArrayList<>();
        session.typed
                .operands()
                .forEach(operand -> words.addAll(List.of(operand.strip().split("\\s+"))));
        if (words.size() < 2 || words.size() % 2 != 0) {
            throw new Failure("multiset what? (expected: pm2j multiset \"<key> <value> <key> <value>\")");
        }
        return put(session, words);
    }

    /// PM2: with a key and a value as `set`, with a key as `get`, else everything.
    static int conf(Session session) throws Failure {
        return session.typed.operands().size() == 2 ? set(session) : get(session);
    }

    static int get(Session session) throws Failure {
        Map<String, Map<String, String>> sections = file(session).read();
        if (session.typed.operands().isEmpty()) {
            show(session, sections);
            return ExitCode.OK;
        }
        String typed = session.typed.operands().getFirst();
        Key key = Key.of(typed);
        Map<String, String> section = sections.getOrDefault(key.app, Map.of());
        if (section.containsKey(key.name)) {
            session.out.println(section.get(key.name));
            return ExitCode.OK;
        }
        if (key.app.isEmpty() && sections.containsKey(key.name)) {
            show(session, Map.of(key.name, sections.get(key.name)));
            return ExitCode.OK;
        }
        throw new Failure("nothing is set under " + typed);
    }

    static int unset(Session session) throws Failure {
        if (session.typed.operands().size() != 1) {
            throw new Failure("unset what? (expected: pm2j unset <key>, or all)");
        }
        String typed = session.typed.operands().getFirst();
        Map<String, Map<String, String>> sections = file(session).read();
        Key key = Key.of(typed);
        boolean found = typed.equals("all")
                || key.app.isEmpty() && sections.remove(key.name) != null
                || sections.getOrDefault(key.app, Map.of()).containsKey(key.name);
        if (!found) {
            session.warn("nothing is set under " + typed); // PM2: exit code 0
            return ExitCode.OK;
        }
        if (typed.equals("all")) {
            sections.clear();
        } else if (sections.containsKey(key.app)) {
            sections.get(key.app).remove(key.name);
            sections.values().removeIf(Map::isEmpty);
        }
        file(session).write(sections);
        show(session, sections);
        return ExitCode.OK;
    }

    private static int put(Session session, List<String> words) throws Failure {
        Map<String, Map<String, String>> sections = file(session).read();
        Set<String> touched = new TreeSet<>();
        int code = ExitCode.OK;
        for (int i = 0; i < words.size(); i += 2) {
            Key key = Key.of(words.get(i));
            if (key.name.isEmpty()) {
                throw new Failure("'" + words.get(i) + "' (expected: a key, or app.key)");
            }
            if (key.equals(new Key(OURS, AUTODUMP))) {
                code |= session.ask(new ControlRequest.Autosave(words.get(i + 1).equals("true")), _ -> {});
                continue;
            }
            sections.computeIfAbsent(key.app, _ -> new LinkedHashMap<>()).put(key.name, words.get(i + 1));
            touched.add(key.app);
        }
        file(session).write(sections);
        session.info("Setting changed");
        show(session, sections);
        return code | restart(session, touched, sections);
    }

    /// Those of the apps that run, with their new values.
    private static int restart(Session session, Set<String> apps, Map<String, Map<String, String>> sections)
            throws Failure {
        List<AppSpec> changed = session.quietly(List.of()).specs().stream()
                .filter(spec -> apps.contains(spec.name().text()))
                .map(spec -> onto(spec, sections))
                .toList();
        if (changed.isEmpty()) {
            return ExitCode.OK;
        }
        List<String> names = changed.stream().map(spec -> spec.name().text()).toList();
        return session.ask(new ControlRequest.Amend(false, names, changed, ReloadTerms.USUAL), _ -> {});
    }

    /// Apps that are about to start, with what is set for them.
    static List<AppSpec> onto(Session session, List<AppSpec> specs) throws Failure {
        Map<String, Map<String, String>> sections = file(session).read();
        return specs.stream().map(spec -> onto(spec, sections)).toList();
    }

    private static AppSpec onto(AppSpec spec, Map<String, Map<String, String>> sections) {
        Map<String, String> values = sections.getOrDefault(spec.name().text(), Map.of());
        if (values.isEmpty()) {
            return spec;
        }
        Environment now = spec.environment();
        Map<String, String> own = new LinkedHashMap<>(now.own());
        own.putAll(values);
        return spec.draft()
                .environment(new Environment(now.caller(), own, now.dropped(), now.instanceVariable(), now.counted()))
                .spec();
    }

    private static void show(Session session, Map<String, Map<String, String>> sections) {
        sections.forEach((app, values) -> {
            if (!app.isEmpty()) {
                session.out.println("Module: " + app);
            }
            String prefix = app.isEmpty() ? "" : app + ":";
            values.forEach((key, value) ->
                    session.out.println("$ " + CalledAs.now().text() + " set " + prefix + key + " " + value));
        });
    }

    private static SettingsFile file(Session session) {
        return session.link.settings();
    }
}
