package io.pm2j.config.spec;

import java.util.List;

/// What is run: `script` with `args`, by `interpreter` with `interpreterArgs` before the script.
///
/// `script` is absolute. `interpreter` is a program name or path; [#NONE] runs the script itself, and [#SHELL]
/// means that `script` is a command line for `bash -c` (then `sh -c`).
public record Program(String script, List<String> args, String interpreter, List<String> interpreterArgs) {
    /// The interpreter of a script that is run as it is.
    public static final String NONE = "none";
    /// The interpreter of a command line.
    public static final String SHELL = "shell";

    public Program {
        args = List.copyOf(args);
        interpreterArgs = List.copyOf(interpreterArgs);
    }

    /// Whether the interpreter is Node, so that cluster mode needs no private port.
    public boolean node() {
        return runs("node") || runs("nodejs");
    }

    /// Whether the interpreter is the program of that name, wherever it lies.
    public boolean runs(String name) {
        return interpreter.substring(interpreter.lastIndexOf('/') + 1).equals(name);
    }
}
