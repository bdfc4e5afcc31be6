package io.pm2j.proxy.admission;

import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.AccessSpec.BasicAuth;
import io.pm2j.config.spec.edge.AccessSpec.Password;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Names and what their passwords are compared with, of the configuration and of the file it
/// names.
///
/// The file has a line `name:password` for each, the password as in the configuration; empty
/// lines and those that begin with `#` say nothing. It is UTF-8.
final class Users {
    static final int MOST_BYTES = 1 << 20;
    private static final int MOST_COST = 16;
    private static final int LEAST_COST = 4;

    private final Map<String, Secret> byName = new HashMap<>();
    private final List<ConfigProblem> problems = new ArrayList<>();

    private Users() {}

    /// @throws InvalidConfig naming every line that cannot be used; a password is never shown
    static Map<String, Secret> of(BasicAuth spec) throws InvalidConfig {
        var users = new Users();
        spec.users()
                .forEach(
                        (name, password) -> users.add(name, password, "basic_auth.users." + name, OptionalInt.empty()));
        if (spec.file().isPresent()) {
            users.read(spec.file().get());
        }
        if (!users.problems.isEmpty()) {
            throw new InvalidConfig(users.problems);
        }
        return Map.copyOf(users.byName);
    }

    private void read(Path file) {
        String text;
        try {
            byte[] bytes = SmallFile.read(file, MOST_BYTES);
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            problems.add(ConfigProblem.of(file.toString(), "basic_auth.file", "is not UTF-8"));
            return;
        } catch (IOException e) {
            problems.add(ConfigProblem.of(file.toString(), "basic_auth.file", SmallFile.sentence(e)));
            return;
        }
        int number = 0;
        int before = byName.size();
        int wrong = problems.size();
        for (String line : text.lines().toList()) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                line(line.strip(), file.toString(), OptionalInt.of(number));
            }
        }
        if (byName.size() == before && problems.size() == wrong) {
            problems.add(ConfigProblem.of(
                    file.toString(), "basic_auth.file", "names nobody (expected: lines of name:password)"));
        }
    }

    private void line(String line, String file, OptionalInt number) {
        int colon = line.indexOf(':');
        if (colon < 1) {
            problem(file, number, "no name and password (expected: name:password)");
            return;
        }
        String name = line.substring(0, colon);
        if (name.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            problem(file, number, "control characters in a name");
            return;
        }
        try {
            add(name, Password.parse(line.substring(colon + 1)), file, number);
        } catch (IllegalArgumentException e) {
            problem(file, number, name + ": " + e.getMessage());
        }
    }

    private void add(String name, Password password, String source, OptionalInt line) {
        Secret secret = Secret.of(password);
        if (secret instanceof Secret.Slow slow && (slow.cost() < LEAST_COST || slow.cost() > MOST_COST)) {
            problem(
                    source,
                    line,
                    name + ": bcrypt of cost " + slow.cost() + " (expected: " + LEAST_COST + " to " + MOST_COST + ")");
        } else if (byName.putIfAbsent(name, secret) != null) {
            problem(source, line, name + " is there already (expected: each name once)");
        }
    }

    private void problem(String source, OptionalInt line, String sentence) {
        problems.add(new ConfigProblem(source, line, OptionalInt.empty(), "", sentence));
    }
}
