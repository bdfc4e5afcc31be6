package io.pm2j.examples;

import java.util.List;

/// One command line that both sides run, and what must be alike after it, besides the exit code.
///
/// @param line of the shell; `pm2` is the side's program
/// @param looks what is compared
/// @param better why pm2j differs, in the words of docs/pm2-compat.md; empty where it must not
record ParityRow(String line, List<Look> looks, String better) {
    static ParityRow row(String line, Look... looks) {
        return new ParityRow(line, List.of(looks), "");
    }

    /// The sides differ in exit code or looks, for a reason that the documentation gives in the same words.
    ParityRow better(String why) {
        return new ParityRow(line, looks, why);
    }

    /// Rows that share the daemons of both sides, one after the other.
    record Group(String name, List<ParityRow> rows) {
        static Group group(String name, ParityRow... rows) {
            return new Group(name, List.of(rows));
        }
    }
}
