package io.pm2j.cli;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Who may import whom, as the tables in ARCHITECTURE.md say. Pure.
final class Rooms {
    private static final String OURS = "io.pm2j.";
    private static final String EVERY_ROOM = "every room";

    private final Map<String, Row> rows;
    private final Set<Set<String>> knownCycles;

    private Rooms(Map<String, Row> rows, Set<Set<String>> knownCycles) {
        this.rows = rows;
        this.knownCycles = knownCycles;
    }

    private record Row(List<String> ours, List<String> others) {}

    /// Reads the first table as rows of rooms, and the second as rows of cycles.
    static Rooms inMarkdown(String markdown) {
        List<List<List<String>>> tables = tables(markdown);
        Map<String, Row> rows = new LinkedHashMap<>();
        for (List<String> cells : tables.getFirst()) {
            if (cells.size() != 3) {
                throw new IllegalArgumentException("row: " + cells + " (expected: room, ours, others)");
            }
            if (rows.put(cells.get(0), new Row(list(cells.get(1)), list(cells.get(2)))) != null) {
                throw new IllegalArgumentException("room: '" + cells.getFirst() + "' has two rows (expected: one)");
            }
        }
        Set<Set<String>> cycles = tables.size() < 2
                ? Set.of()
                : tables.get(1).stream()
                        .map(cells -> Set.copyOf(list(cells.getFirst())))
                        .collect(toCollection(HashSet::new));
        return new Rooms(rows, cycles);
    }

    /// The cells of each table, without its two head lines.
    private static List<List<List<String>>> tables(String markdown) {
        List<List<List<String>>> tables = new ArrayList<>();
        List<List<String>> table = new ArrayList<>();
        for (String line : (markdown + "\n").split("\n", -1)) {
            if (line.startsWith("|")) {
                table.add(Stream.of(line.substring(1, line.lastIndexOf('|')).split("\\|"))
                        .map(String::strip)
                        .toList());
            } else if (!table.isEmpty()) {
                tables.add(table.subList(2, table.size()));
                table = new ArrayList<>();
            }
        }
        if (tables.isEmpty()) {
            throw new IllegalArgumentException("no table (expected: who may import whom)");
        }
        return tables;
    }

    private static List<String> list(String cell) {
        return cell.equals("–") ? List.of() : List.of(cell.split("\\s*,\\s*"));
    }

    /// Every import that no row allows, one sentence each.
    List<String> breaches(List<Source> sources) {
        Set<String> breaches = new TreeSet<>();
        for (Source source : sources) {
            String from = inside(source.packageName()).orElse(source.packageName());
            Optional<String> room = roomOf(from);
            if (room.isEmpty()) {
                breaches.add(from + " is in no room of the table (" + source.file() + ")");
                continue;
            }
            for (String imported : source.imports()) {
                if (!allowed(from, room.get(), imported)) {
                    breaches.add(room.get() + " may not import " + imported + " (" + source.file() + ")");
                }
            }
        }
        return List.copyOf(breaches);
    }

    private boolean allowed(String from, String room, String imported) {
        Row row = rows.getOrDefault(room, new Row(List.of(), List.of()));
        Optional<String> ours = inside(imported);
        if (ours.isPresent()) {
            String to = ours.get();
            boolean ownRoom = room.indexOf('.') < 0 && holds(room, to);
            return to.equals(from) || ownRoom || row.ours.stream().anyMatch(name -> holds(name, to));
        }
        Row every = rows.getOrDefault(EVERY_ROOM, new Row(List.of(), List.of()));
        return Stream.concat(every.others.stream(), row.others.stream()).anyMatch(name -> holds(name, imported));
    }

    /// Groups of our packages that import each other in a cycle, and are not listed; and listed ones that are gone.
    List<String> cycleBreaches(List<Source> sources) {
        Set<Set<String>> found = cycles(sources);
        Set<String> breaches = new TreeSet<>();
        found.stream()
                .filter(cycle -> !knownCycles.contains(cycle))
                .forEach(cycle -> breaches.add("import each other in a cycle: " + shown(cycle)));
        knownCycles.stream()
                .filter(cycle -> !found.contains(cycle))
                .forEach(cycle -> breaches.add("listed as a cycle, but is none: " + shown(cycle)));
        return List.copyOf(breaches);
    }

    private static String shown(Set<String> cycle) {
        return cycle.stream().sorted().collect(joining(", "));
    }

    private static Set<Set<String>> cycles(List<Source> sources) {
        Map<String, Set<String>> reach = new TreeMap<>();
        for (Source source : sources) {
            inside(source.packageName()).ifPresent(from -> {
                Set<String> to = reach.computeIfAbsent(from, _ -> new TreeSet<>());
                source.imports().forEach(imported -> inside(imported).ifPresent(to::add));
            });
        }
        boolean grown = true;
        while (grown) {
            grown = false;
            for (Set<String> to : reach.values()) {
                Set<String> further = to.stream()
                        .flatMap(next -> reach.getOrDefault(next, Set.of()).stream())
                        .collect(toCollection(TreeSet::new));
                grown |= to.addAll(further);
            }
        }
        Set<Set<String>> cycles = new HashSet<>();
        reach.forEach((from, to) -> {
            Set<String> cycle = to.stream()
                    .filter(next -> reach.getOrDefault(next, Set.of()).contains(from))
                    .collect(toCollection(TreeSet::new));
            cycle.add(from);
            if (cycle.size() > 1) {
                cycles.add(cycle);
            }
        });
        return cycles;
    }

    /// The longest room that holds the package.
    private Optional<String> roomOf(String ours) {
        return rows.keySet().stream().filter(room -> holds(room, ours)).max(Comparator.comparingInt(String::length));
    }

    private static boolean holds(String room, String packageName) {
        return packageName.equals(room) || packageName.startsWith(room + ".");
    }

    /// A package of ours without the common beginning.
    private static Optional<String> inside(String packageName) {
        return packageName.startsWith(OURS) ? Optional.of(packageName.substring(OURS.length())) : Optional.empty();
    }
}
