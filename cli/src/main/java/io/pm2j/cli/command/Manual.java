package io.pm2j.cli.command;

import io.pm2j.cli.typed.Option;
import java.util.List;

/// The manual page, made of the same commands and options as the help. Pure.
final class Manual {
    private Manual() {}

    /// As troff, for `man -l`.
    static String page() {
        StringBuilder page =
                new StringBuilder(".TH PM2J 1 \"\" \"pm2j " + Session.PM2J_VERSION + "\" \"User Commands\"\n");
        page.append(".SH NAME\npm2j \\- process supervisor and edge proxy\n");
        page.append(".SH SYNOPSIS\n.B pm2j\n.I command\n[options]\n");
        page.append(".SH COMMANDS\n");
        for (Commands command : Commands.values()) {
            if (command.help().isEmpty()) {
                continue;
            }
            page.append(".TP\n.B ")
                    .append(escaped(command.names().getFirst() + " " + command.takes()))
                    .append('\n');
            page.append(escaped(command.help())).append('\n');
            if (command.names().size() > 1) {
                List<String> others = command.names().subList(1, command.names().size());
                page.append(".br\nAlso: ")
                        .append(escaped(String.join(", ", others)))
                        .append('\n');
            }
            for (String example : Examples.of(command.names().getFirst())) {
                page.append(".br\n").append(escaped(example.strip())).append('\n');
            }
        }
        page.append(".SH OPTIONS\n");
        for (Option option : Option.values()) {
            page.append(".TP\n.B ")
                    .append(escaped(String.join(", ", option.spellings()) + " " + option.takes()))
                    .append('\n');
            page.append(escaped(option.help())).append('\n');
        }
        page.append(
                ".SH ENVIRONMENT\n.TP\n.B PM2J_HOME\nwhere the daemon lives (~/.pm2j); PM2_HOME when called as pm2\n");
        page.append(".TP\n.B PM2J_JAVA_OPTIONS\noptions of the daemon's Java, such as -Xmx256m\n".replace("-", "\\-"));
        page.append(".TP\n.B NO_COLOR\nno colours\n");
        page.append(".SH FILES\n.TP\n.I custom_options.sh\nin the home: variables, read by the shell at each start\n");
        page.append(".TP\n.I pm2.log\nin the home: what the daemon says\n");
        return page.toString();
    }

    /// A point or a quote that begins a line would be a request, a minus would become a hyphen.
    private static String escaped(String text) {
        String safe = text.strip().replace("\\", "\\e").replace("-", "\\-");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
