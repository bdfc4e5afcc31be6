package io.pm2j.cli.deploy;

import io.pm2j.cli.typed.Failure;
import io.pm2j.config.read.Nearest;
import io.pm2j.config.read.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One environment of the `deploy` section: where to, and what happens on the way. `hooks` are shell commands by PM2's
/// names.
public record DeployTarget(
        String name,
        Optional<String> user,
        List<String> hosts,
        Optional<String> port,
        Optional<String> key,
        List<String> sshOptions,
        String ref,
        String repo,
        String path,
        boolean shallow,
        Map<String, String> hooks,
        Map<String, String> env) {
    private static final Set<String> HOOKS =
            Set.of("pre-setup", "post-setup", "pre-deploy-local", "pre-deploy", "post-deploy");
    private static final Set<String> KNOWN =
            Set.of("user", "host", "port", "key", "ssh_options", "ref", "repo", "path", "fetch", "env");

    public DeployTarget {
        hosts = List.copyOf(hosts);
        sshOptions = List.copyOf(sshOptions);
        hooks = Map.copyOf(hooks);
        env = Map.copyOf(env);
    }

    /// The environment `name` of a whole ecosystem file.
    ///
    /// @throws Failure with what is missing or unknown
    public static DeployTarget of(Node document, String file, String name) throws Failure {
        Map<String, Node> section = fields(document, file).entrySet().stream()
                .filter(entry -> entry.getKey().equals("deploy"))
                .findFirst()
                .map(entry -> entry.getValue() instanceof Node.Obj object ? object.fields() : Map.<String, Node>of())
                .orElse(Map.of());
        Node target = section.get(name);
        if (target == null) {
            String known = section.isEmpty() ? "none has" : String.join(", ", section.keySet());
            throw new Failure(file + ": no deploy." + name + " in it (expected: an environment; it "
                    + (section.isEmpty() ? "has none" : "has " + known) + ")");
        }
        return of(fields(target, file + ": deploy." + name), file + ": deploy." + name, name);
    }

    private static DeployTarget of(Map<String, Node> fields, String at, String name) throws Failure {
        Map<String, String> hooks = new LinkedHashMap<>();
        for (Map.Entry<String, Node> field : fields.entrySet()) {
            String key = field.getKey();
            if (HOOKS.contains(key)) {
                hooks.put(key, text(field.getValue(), at + "." + key));
            } else if (!KNOWN.contains(key)) {
                List<String> all = new ArrayList<>(KNOWN);
                all.addAll(HOOKS);
                String near = Nearest.to(key, all)
                        .map(n -> " (did you mean '" + n + "'?)")
                        .orElse("");
                throw new Failure(at + ": unknown attribute '" + key + "'" + near);
            }
        }
        String path = needed(fields, "path", at);
        if (!path.startsWith("/") && !path.startsWith("~/")) {
            throw new Failure(at + ".path: '" + path + "' (expected: an absolute path on the host)");
        }
        Optional<String> port = optional(fields, "port", at);
        if (port.isPresent() && !port.get().matches("\\d{1,5}")) {
            throw new Failure(at + ".port: '" + port.get() + "' (expected: a port of ssh)");
        }
        List<String> hosts = texts(fields.get("host"), at + ".host");
        for (String host : hosts) {
            if (host.startsWith("-")) {
                throw new Failure(at + ".host: '" + host + "' (expected: a host)");
            }
        }
        if (hosts.isEmpty()) {
            throw new Failure(at + ": host is missing (expected: one, or an array)");
        }
        return new DeployTarget(
                name,
                optional(fields, "user", at),
                hosts,
                port,
                optional(fields, "key", at),
                texts(fields.get("ssh_options"), at + ".ssh_options"),
                optional(fields, "ref", at).orElse("origin/master"),
                needed(fields, "repo", at),
                path,
                optional(fields, "fetch", at).equals(Optional.of("fast")),
                hooks,
                env(fields.get("env"), at + ".env"));
    }

    /// The words in front of what the host is to run.
    public List<String> ssh(String host) {
        List<String> words = new ArrayList<>(List.of("ssh"));
        port.ifPresent(p -> words.addAll(List.of("-p", p)));
        key.ifPresent(k -> words.addAll(List.of("-i", k)));
        sshOptions.forEach(option -> words.addAll(List.of("-o", option)));
        words.add(user.filter(_ -> !host.contains("@")).map(u -> u + "@").orElse("") + host);
        return words;
    }

    private static Map<String, Node> fields(Node node, String at) throws Failure {
        if (node instanceof Node.Obj object) {
            return object.fields();
        }
        throw new Failure(at + ": " + node.shown() + " (expected: an object)");
    }

    private static Map<String, String> env(@Nullable Node node, String at) throws Failure {
        Map<String, String> env = new LinkedHashMap<>();
        if (node != null) {
            for (Map.Entry<String, Node> field : fields(node, at).entrySet()) {
                if (!field.getKey().matches("[A-Za-z_][A-Za-z0-9_]*")) {
                    throw new Failure(at + ": '" + field.getKey() + "' (expected: the name of a variable)");
                }
                env.put(field.getKey(), text(field.getValue(), at + "." + field.getKey()));
            }
        }
        return env;
    }

    private static String needed(Map<String, Node> fields, String name, String at) throws Failure {
        return optional(fields, name, at).orElseThrow(() -> new Failure(at + ": " + name + " is missing"));
    }

    private static Optional<String> optional(Map<String, Node> fields, String name, String at) throws Failure {
        Node node = fields.get(name);
        return node == null ? Optional.empty() : Optional.of(text(node, at + "." + name));
    }

    private static List<String> texts(@Nullable Node node, String at) throws Failure {
        if (node == null) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        if (node instanceof Node.Arr array) {
            for (Node element : array.elements()) {
                texts.add(text(element, at));
            }
        } else {
            texts.add(text(node, at));
        }
        return texts;
    }

    private static String text(Node node, String at) throws Failure {
        return switch (node) {
            case Node.Text(Node.Position _, String text) -> text;
            case Node.Num(Node.Position _, String text) -> text;
            case Node.Bool(Node.Position _, boolean value) -> String.valueOf(value);
            case Node.Nul _, Node.Obj _, Node.Arr _ ->
                throw new Failure(at + ": " + node.shown() + " (expected: a text)");
        };
    }
}
