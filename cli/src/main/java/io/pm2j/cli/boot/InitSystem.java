package io.pm2j.cli.boot;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// What starts services with a machine. Pure.
public enum InitSystem {
    SYSTEMD(
            "systemd",
            "systemctl",
            "systemd.txt",
            "/etc/systemd/system/@NAME@.service",
            "ubuntu",
            "centos",
            "arch",
            "oracle"),
    UPSTART("upstart", "update-rc.d", "script.txt", "/etc/init.d/@NAME@", "ubuntu14", "ubuntu12"),
    SYSTEMV("systemv", "chkconfig", "script.txt", "/etc/init.d/@NAME@", "amazon", "centos6", "chkconfig"),
    OPENRC("openrc", "rc-update", "openrc.txt", "/etc/init.d/@NAME@", "gentoo", "alpine"),
    LAUNCHD("launchd", "launchctl", "launchd.txt", "/Library/LaunchDaemons/@NAME@.plist", "macos", "darwin"),
    RCD("rcd", "sysrc", "rcd.txt", "/usr/local/etc/rc.d/@RCNAME@", "freebsd"),
    RCD_OPENBSD("rcd-openbsd", "rcctl", "rcd-openbsd.txt", "/etc/rc.d/@RCNAME@", "openbsd");

    private final String text;
    private final String program;
    private final String template;
    private final String file;
    private final List<String> aliases;

    InitSystem(String text, String program, String template, String file, String... aliases) {
        this.text = text;
        this.program = program;
        this.template = template;
        this.file = file;
        this.aliases = List.of(aliases);
    }

    /// The name.
    public String text() {
        return text;
    }

    /// Every name.
    public static List<String> names() {
        return Arrays.stream(values()).map(InitSystem::text).toList();
    }

    /// The one of that name, or of the system of that name. PM2's words.
    public static Optional<InitSystem> named(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(s -> s.text.equals(wanted) || s.aliases.contains(wanted))
                .findFirst();
    }

    /// The first whose program is there. PM2's order.
    public static Optional<InitSystem> found(Predicate<String> inPath) {
        return Arrays.stream(values()).filter(s -> inPath.test(s.program)).findFirst();
    }

    /// Where the service file of `service` lies.
    public String fileOf(Service service) {
        return file.replace("@NAME@", service.name()).replace("@RCNAME@", rcName(service));
    }

    /// The service file.
    public String textOf(Service service) {
        boolean systemd = this == SYSTEMD;
        return Template.filled(
                template,
                Map.of(
                        "START",
                        "resurrect --force",
                        "FOLDER",
                        "/",
                        "NAME",
                        service.name(),
                        "RCNAME",
                        rcName(service),
                        "USER",
                        service.user(),
                        "HOME",
                        systemd ? escaped(service.home()) : service.home(),
                        "LAUNCHER",
                        systemd ? escaped(service.launcher()) : service.launcher(),
                        "PATH",
                        systemd ? escaped(service.path()) : service.path(),
                        "AFTER",
                        service.waitsForNetwork()
                                ? "Wants=network-online.target\nAfter=network-online.target"
                                : "After=network.target"));
    }

    /// Whether the service file is run.
    public boolean isScript() {
        return this != SYSTEMD && this != LAUNCHD;
    }

    /// What makes a written file count.
    public List<List<String>> enabling(Service service) {
        return switch (this) {
            case SYSTEMD ->
                List.of(List.of("systemctl", "daemon-reload"), List.of("systemctl", "enable", service.name()));
            case UPSTART -> List.of(List.of("update-rc.d", service.name(), "defaults"));
            case SYSTEMV ->
                List.of(List.of("chkconfig", "--add", service.name()), List.of("chkconfig", service.name(), "on"));
            case OPENRC -> List.of(List.of("rc-update", "add", service.name(), "default"));
            case LAUNCHD -> List.of(List.of("launchctl", "load", "-w", fileOf(service)));
            case RCD -> List.of(List.of("sysrc", rcName(service) + "_enable=YES"));
            case RCD_OPENBSD -> List.of(List.of("rcctl", "enable", rcName(service)));
        };
    }

    /// What makes it count no more, before the file is removed.
    public List<List<String>> disabling(Service service) {
        return switch (this) {
            case SYSTEMD -> List.of(List.of("systemctl", "disable", service.name()));
            case UPSTART -> List.of(List.of("update-rc.d", "-f", service.name(), "remove"));
            case SYSTEMV -> List.of(List.of("chkconfig", "--del", service.name()));
            case OPENRC -> List.of(List.of("rc-update", "delete", service.name(), "default"));
            case LAUNCHD -> List.of(List.of("launchctl", "unload", "-w", fileOf(service)));
            case RCD -> List.of(List.of("sysrc", "-x", rcName(service) + "_enable"));
            case RCD_OPENBSD -> List.of(List.of("rcctl", "disable", rcName(service)));
        };
    }

    /// Their names are names of shell variables too.
    private static String rcName(Service service) {
        return service.name().replaceAll("[^A-Za-z0-9_]", "_");
    }

    /// `%` begins a specifier of systemd's.
    private static String escaped(String text) {
        return text.replace("%", "%%");
    }
}
