package io.pm2j.cli.command;

import io.pm2j.cli.boot.Template;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `init --skeleton USER`: the folder of a user's application, with its service script, below the working folder.
final class Skeleton {
    private static final String USUAL_PORT = "3000";

    /// A file of the tree, and the template it is made of.
    private record Part(String file, String template, boolean runs) {}

    private Skeleton() {}

    static int run(Session session) throws Failure {
        String user = session.typed.value(Option.SKELETON).orElse("");
        if (!user.matches("[a-z_][a-z0-9_-]{0,31}")) {
            throw new Failure("--skeleton: '" + user + "' (expected: the name of a user)");
        }
        Path root = Path.of(user).toAbsolutePath().normalize();
        if (!root.toString().matches("[A-Za-z0-9_./+-]+")) {
            throw new Failure("'" + root + "' (expected: a folder whose path has no spaces or odd characters)");
        }
        String name = "pm2j-" + user;
        List<Part> parts = parts(name);
        for (Part part : parts) {
            if (Files.exists(root.resolve(part.file)) && !session.typed.has(Option.FORCE)) {
                throw new Failure(root.resolve(part.file) + " is there already (expected: --force to overwrite it)");
            }
        }
        Map<String, String> words = words(session, user, root, name);
        try {
            for (Part part : parts) {
                write(root.resolve(part.file), Template.filled(part.template, words), part.runs);
            }
        } catch (IOException e) {
            throw new Failure("cannot write below " + root + ": " + e.getMessage());
        }
        session.out.println("Folder " + root + " generated; scripts/install.sh makes the rest");
        return ExitCode.OK;
    }

    private static List<Part> parts(String name) {
        return List.of(
                new Part("etc/crontab.conf", "skeleton/crontab.conf", false),
                new Part("etc/logrotate.conf", "skeleton/logrotate.conf", false),
                new Part("etc/pm2-app.json", "skeleton/pm2-app.json", false),
                new Part("etc/" + name, "script.txt", true),
                new Part("scripts/install.sh", "skeleton/install.sh", true),
                new Part("scripts/function.sh", "skeleton/function.sh", false),
                new Part("build.sh", "skeleton/build.sh", true),
                new Part("web/main.js", "skeleton/main.js", false),
                new Part(".gitignore", "skeleton/gitignore", false),
                new Part("ReadMe", "skeleton/ReadMe", false));
    }

    private static Map<String, String> words(Session session, String user, Path root, String name) throws Failure {
        boolean own = user.equals(System.getProperty("user.name"));
        return Map.of(
                "NAME", name,
                "USER", user,
                "ROOT", root.toString(),
                "HOME", own ? session.link.home().toString() : "/home/" + user + "/.pm2j",
                "LAUNCHER", Startup.launcher(),
                "PATH", Optional.ofNullable(System.getenv("PATH")).orElse(Startup.USUAL_PATH),
                "PORT", session.typed.value(Option.PORT).orElse(USUAL_PORT),
                "FOLDER", root.toString(),
                "START", "startOrRestart '" + root + "/etc/pm2-app.json'");
    }

    private static void write(Path file, String text, boolean runs) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(runs ? "rwxr-xr-x" : "rw-r--r--"));
    }
}
