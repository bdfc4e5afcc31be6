package io.pm2j.cli.command;

import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.EcosystemReader;
import io.pm2j.supervisor.app.ProcessView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What a command is to act on: selectors for the daemon, and ecosystem files (`-` is JSON on standard input).
record Operands(List<String> selectors, List<String> files) {
    /// The operand that means standard input.
    static final String STANDARD_INPUT = "-";

    Operands {
        selectors = List.copyOf(selectors);
        files = List.copyOf(files);
    }

    /// Of a command that needs something to act on. `--namespace` leaves only what is in that namespace.
    static Operands of(Session session) throws Failure {
        List<String> selectors = new ArrayList<>();
        List<String> files = new ArrayList<>();
        for (String operand : session.typed.operands()) {
            (isFile(operand) ? files : selectors).add(operand);
        }
        if (files.isEmpty()) {
            selectors = narrowed(session, selectors);
        }
        if (selectors.isEmpty() && files.isEmpty()) {
            throw new Failure(session.typed.command() + " what? (expected: a name, an id, or all)");
        }
        return new Operands(selectors, files);
    }

    /// These selectors, without any all, as far as they are in the `--namespace` that was typed.
    static List<String> narrowed(Session session, List<String> selectors) throws Failure {
        Optional<String> namespace = session.typed.value(Option.NAMESPACE);
        return namespace.isEmpty() ? selectors : inNamespace(session, selectors, namespace.get());
    }

    static boolean isFile(String operand) {
        return operand.equals(STANDARD_INPUT)
                || EcosystemReader.looksLikeConfig(operand) && !(operand.startsWith("/") && operand.endsWith("/"));
    }

    /// What the files want.
    EcosystemFiles read(Session session) throws Failure {
        return EcosystemFiles.read(session, files, Caller.here(session.typed.value(Option.ENV)));
    }

    /// Names where whole apps are chosen, which nothing else can be taken for; else ids.
    private static List<String> inNamespace(Session session, List<String> selectors, String namespace) throws Failure {
        List<ProcessView> all = session.processes(List.of(), true);
        Set<Integer> chosen = session.quietly(selectors).processes().stream()
                .filter(view -> view.namespace().equals(namespace))
                .map(ProcessView::pmId)
                .collect(Collectors.toSet());
        if (chosen.isEmpty()) {
            throw new Failure("Process or Namespace " + namespace + " not found");
        }
        Set<String> words = new LinkedHashSet<>();
        for (ProcessView view : all) {
            if (chosen.contains(view.pmId())) {
                boolean whole =
                        all.stream().filter(v -> v.name().equals(view.name())).allMatch(v -> chosen.contains(v.pmId()));
                words.add(whole ? view.name() : String.valueOf(view.pmId()));
            }
        }
        return List.copyOf(words);
    }
}
