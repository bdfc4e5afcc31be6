package io.pm2j.daemon.handover;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How this program was started, in full: argument files may say something else by now.
final class CommandLine {
    private CommandLine() {}

    static List<String> own() {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.pm2j.daemon.Main"));
        return words;
    }
}
