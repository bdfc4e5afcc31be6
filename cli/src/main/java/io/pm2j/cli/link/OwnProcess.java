package io.pm2j.cli.link;

import io.pm2j.cli.typed.Failure;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;

/// The daemon in the process of the command line. Its classes are there when the launcher put them on the class path,
/// which it does for `pm2-runtime` and `pm2-dev` alone: hence by reflection.
final class OwnProcess {
    private OwnProcess() {}

    /// Returns while the daemon starts. What it says goes to its log, and everything else on `System.err` too.
    static void start(Home home) throws Failure {
        Method main;
        try {
            main = Class.forName("io.pm2j.daemon.Main").getMethod("main", String[].class);
            System.setErr(
                    new PrintStream(new FileOutputStream(home.log().toFile(), true), true, StandardCharsets.UTF_8));
        } catch (ReflectiveOperationException e) {
            throw new Failure("the daemon is not in this program (expected: started by the launcher)");
        } catch (IOException e) {
            throw new Failure("cannot write " + home.log() + ": " + e.getMessage());
        }
        System.setProperty("pm2j.home", home.root().toString());
        Thread.ofPlatform().name("pm2j-daemon").daemon().start(() -> {
            try {
                main.invoke(null, (Object) new String[0]);
            } catch (ReflectiveOperationException e) {
                e.printStackTrace();
            }
        });
    }
}
