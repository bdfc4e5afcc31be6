package io.pm2j.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// One thing that is compared between the sides after a command line.
///
/// @param what its name, for the report
/// @param observe what a side shows; equal on both sides, or the row fails
/// @param settles whether it may come about a little after the command has ended
record Look(String what, Observation observe, boolean settles) {

    /// What a side shows after a command.
    @FunctionalInterface
    interface Observation {
        Object of(Side side, Ran ran) throws Exception;
    }

    private static final Pattern PREFIX = Pattern.compile("^\\[PM2](\\[[A-Za-z/ ]+])?");
    private static final Pattern CELL = Pattern.compile("\\s*│\\s*");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> LIFE =
            List.of("name", "namespace", "status", "restart_time", "exec_mode", "NODE_APP_INSTANCE");

    /// Which instances there are, and how they fare.
    static final Look STATE = state();

    /// The prefixes at the beginnings of lines, on either stream.
    static final Look PREFIXES =
            at("prefixes", (_, ran) -> "out " + prefixes(ran.out()) + " err " + prefixes(ran.err()));

    /// The columns of the tables.
    static final Look COLUMNS = at(
            "columns",
            (_, ran) -> ran.out()
                    .lines()
                    .filter(line -> line.startsWith("│ id"))
                    .map(line -> List.of(CELL.split(line.strip())))
                    .toList());

    /// The first cells of the rows of two columns, up to the last that is not of PM2's agent.
    static final Look ROW_NAMES = at("row names", (_, ran) -> {
        Map<String, String> names = new TreeMap<>();
        for (String line : ran.out().lines().toList()) {
            String[] cells = CELL.split(line.strip());
            if (line.startsWith("│") && cells.length == 3 && !names.containsKey("created at")) {
                names.put(cells[1], "there");
            }
        }
        return names;
    });

    /// All of standard output.
    static final Look OUT = at(
            "output",
            (side, ran) ->
                    side.plain(ran.out()).strip().lines().map(String::strip).toList());

    /// The keys of `jlist` that PM2 has, and the types of their values.
    static final Look KEYS = at("jlist keys", (side, ran) -> {
        Map<String, String> types = new TreeMap<>();
        side.printedList(ran).forEach(process -> types.putAll(types(process, "")));
        // of PM2's own arrangements
        types.keySet()
                .removeAll(Set.of(
                        "pm2_env.PM2_INTERACTOR_PROCESSING",
                        "pm2_env._pm2_version",
                        "pm2_env._tree_pids",
                        "pm2_env.prev_restart_delay",
                        "pm2_env.time"));
        return types;
    });

    /// The variables that `env` names.
    static final Look VARIABLES = at("variables", (_, ran) -> {
        Map<String, String> names = new TreeMap<>();
        ran.out().lines().filter(line -> line.contains(": ")).forEach(line -> names.put(line.split(": ")[0], "there"));
        names.remove("PM2_INTERACTOR_PROCESSING"); // of PM2's own arrangements
        return names;
    });

    private static Look at(String what, Observation observe) {
        return new Look(what, observe, false);
    }

    /// Both sides say what matches `pattern`, on either stream.
    static Look says(String pattern) {
        Pattern wanted = Pattern.compile(pattern, Pattern.MULTILINE);
        return at("says " + pattern, (side, ran) -> {
            if (wanted.matcher(side.plain(ran.all())).find()) {
                return "said";
            }
            throw new AssertionError(side + " does not say '" + pattern + "': " + ran);
        });
    }

    /// [#STATE], and these values of every instance.
    static Look state(String... more) {
        List<String> names = new ArrayList<>(LIFE);
        names.addAll(List.of(more));
        return fields(names.toArray(String[]::new));
    }

    /// These values of every instance in `jlist`.
    static Look fields(String... names) {
        return fields(_ -> true, names);
    }

    /// These values of the instances of one app.
    static Look one(String app, String... names) {
        return fields(process -> process.path("name").asText().equals(app), names);
    }

    private static Look fields(Predicate<JsonNode> chosen, String... names) {
        return new Look(
                "jlist " + List.of(names),
                (side, _) -> {
                    List<String> rows = new ArrayList<>();
                    for (JsonNode process : side.jlist()) {
                        if (!chosen.test(process)) {
                            continue;
                        }
                        side.restarts().note(process);
                        List<String> row = new ArrayList<>();
                        for (String name : names) {
                            if (name.equals("restart_time")) {
                                row.add("+" + side.restarts().since(process));
                                continue;
                            }
                            JsonNode value = process.path("pm2_env").path(name);
                            // PM2 lists what was asked for alone; what is not there and what is off are the same.
                            boolean none = value.isMissingNode()
                                    || value.isArray() && value.isEmpty()
                                    || value.isBoolean() && !value.asBoolean();
                            row.add(none ? "-" : side.plain(value.isTextual() ? value.asText() : value.toString()));
                        }
                        rows.add(String.join(" ", row));
                    }
                    return rows.stream().sorted().toList();
                },
                true);
    }

    /// What the instance said of itself in its file since the line began: arguments, folder, environment.
    static Look seen(String instance) {
        return content("what " + instance + " was started with", "seen/" + instance + ".json");
    }

    /// The content of a file of the home or, with `work/` in front, of the working folder.
    static Look file(String file) {
        return content("file " + file, file);
    }

    /// Nothing written yet is no content that could be the same.
    private static Look content(String what, String file) {
        return new Look(
                what,
                (side, _) -> {
                    Path path = side.place().resolve(file);
                    return Files.exists(path) && Files.size(path) > 0
                            ? side.plain(Files.readString(path)).lines().toList()
                            : "nothing by " + side;
                },
                true);
    }

    /// A file of the home has nothing in it any more.
    static Look empty(String file) {
        return new Look(
                "empty " + file,
                (side, _) -> {
                    long size = Files.size(side.place().resolve(file));
                    return size == 0 ? "empty" : size + " bytes by " + side;
                },
                true);
    }

    /// All instances of an app get there.
    static Look becomes(String app, String status) {
        return new Look(
                app + " becomes " + status,
                (side, _) -> {
                    List<String> statuses = new ArrayList<>();
                    for (JsonNode process : side.jlist()) {
                        if (process.path("name").asText().equals(app)) {
                            statuses.add(process.path("pm2_env").path("status").asText());
                        }
                    }
                    return statuses.stream().allMatch(status::equals) ? statuses : statuses + " by " + side;
                },
                true);
    }

    /// The content of a JSON file of the home, in any order and layout.
    static Look json(String file) {
        return at(
                "file " + file,
                (side, _) -> JSON.readTree(Files.readString(side.place().resolve(file)))
                                .toString()
                                .contains("{")
                        ? JSON.readTree(Files.readString(side.place().resolve(file)))
                        : "nothing");
    }

    /// The names of the files in a folder.
    static Look folder(String folder) {
        return new Look("folder " + folder, (side, _) -> names(side.place().resolve(folder)), true);
    }

    private static Set<String> names(Path folder) throws IOException {
        Set<String> names = new TreeSet<>();
        if (Files.isDirectory(folder)) {
            try (var files = Files.newDirectoryStream(folder)) {
                files.forEach(file -> names.add(file.getFileName().toString()));
            }
        }
        return names;
    }

    private static List<String> prefixes(String text) {
        List<String> found = new ArrayList<>();
        text.lines().forEach(line -> {
            var matcher = PREFIX.matcher(line);
            if (matcher.find() && !found.contains(matcher.group())) {
                found.add(matcher.group());
            }
        });
        return found.stream().sorted().toList();
    }

    /// Keys and the types of their values, of every instance in `jlist`: those of PM2 are there with the same type.
    static Map<String, String> types(JsonNode object, String prefix) {
        Map<String, String> types = new TreeMap<>();
        object.properties().forEach(entry -> {
            types.put(prefix + entry.getKey(), entry.getValue().getNodeType().toString());
            if (Set.of("pm2_env", "monit").contains(entry.getKey())) {
                types.putAll(types(entry.getValue(), prefix + entry.getKey() + "."));
            }
        });
        return types;
    }

    /// The difference between what the sides show; none when they are alike. What has keys may have more on our side.
    static Optional<String> difference(Look look, Object theirs, Object ours) {
        if (theirs instanceof Map<?, ?> wanted && ours instanceof Map<?, ?> present) {
            List<String> lacking = new ArrayList<>();
            wanted.forEach((key, value) -> {
                if (!value.equals(present.get(key))) {
                    lacking.add(key + ": " + value + " is here " + present.get(key));
                }
            });
            return lacking.isEmpty() ? Optional.empty() : Optional.of(look.what + ": " + String.join("\n   ", lacking));
        }
        return theirs.equals(ours)
                ? Optional.empty()
                : Optional.of(look.what + ":\n   PM2:  " + theirs + "\n   pm2j: " + ours);
    }
}
