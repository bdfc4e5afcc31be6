package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// How the shell scripts find a JDK and start the command line.
class LauncherIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void prefersJavaHomeWhenItIsNewEnough() throws Exception {
        Path home = jdk("home", "\"25.0.1\"");
        Path other = jdk("other", "\"26\"");
        assertThat(found(home, other)).isEqualTo(home.toString());
    }

    @Test
    void passesOverJavaHomesThatAreTooOldOrNoJdk() throws Exception {
        Path inPath = jdk("path", "\"26-ea\"");
        for (Path home : List.of(
                jdk("old", "\"17.0.15\""),
                jdk("oldest", "\"1.8.0_402\""),
                jdk("odd", "unknown"),
                product.work().resolve("missing"))) {
            assertThat(found(home, inPath)).isEqualTo(inPath + "/bin/..");
        }
    }

    @Test
    void saysInOneSentenceWhatIsMissing() throws Exception {
        Path old = jdk("old", "\"17.0.15\"");
        Ran ran = find(old, old, "JDK_LEAST=99");
        assertThat(ran.exit()).isEqualTo(7);
        assertThat(ran.err().lines())
                .containsExactly("pm2j: no JDK 99 or newer was found; install one (Temurin 99, for example)"
                        + " or set JAVA_HOME to it");
    }

    @Test
    void endsQuietlyWhenNobodyReadsOn() throws Exception {
        product.start("hello");
        Ran ran = product.command(List.of("bash", "-c", "set -o pipefail; " + Product.ROOT + "/pm2j ls | head -n 1"));
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines()).hasSize(1);
    }

    /// The JVM's own word about a damaged cache would otherwise stand before the JSON.
    @Test
    void aDamagedCacheChangesNothingOfTheOutput() throws Exception {
        product.run("ping").succeeds();
        String arguments = Files.readString(Product.ROOT.resolve("target/run/cli.args"));
        Path damaged = product.write("damaged.aot", "no cache");
        Path changed =
                product.write("cli.args", arguments.replaceFirst("(?m)^-XX:AOTCache=.*$", "-XX:AOTCache=" + damaged));
        assertThat(changed).content().contains(damaged.toString());
        String java = Files.readString(Product.ROOT.resolve("target/run/jdk")).strip() + "/bin/java";

        Ran ran = product.command(List.of(java, "@" + changed, "jlist")).succeeds();

        assertThat(ran.out().strip()).isEqualTo("[]");
        assertThat(ran.err()).isEmpty();
    }

    @Test
    void runsThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(product.work().resolve("p"), Product.ROOT.resolve("pm2j"));
        assertThat(product.command(List.of(link.toString(), "--version"))
                        .succeeds()
                        .out())
                .isNotBlank();
    }

    private String found(Path javaHome, Path inPath) throws Exception {
        return find(javaHome, inPath, "").succeeds().out().strip();
    }

    private Ran find(Path javaHome, Path inPath, String afterwards) throws IOException, InterruptedException {
        product.with("JAVA_HOME", javaHome).with("PATH", inPath.resolve("bin") + ":/usr/bin:/bin");
        String script = ". " + Product.ROOT + "/launcher/jdk.sh; " + afterwards
                + "\nif find_jdk; then echo \"$JDK\"; else no_jdk; exit 7; fi";
        return product.command(List.of("sh", "-c", script));
    }

    /// A folder that looks like a JDK of a version.
    private Path jdk(String name, String version) throws IOException {
        Path folder = product.work().resolve(name);
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createFile(
                bin.resolve("javac"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(folder.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=" + version + "\n");
        return folder;
    }
}
