package io.pm2j.config.read;

import io.pm2j.config.InvalidConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// An ecosystem file as somebody once named it, so that it can be read again as it was read then: from the same
/// folder, with the same variables, and the same apps chosen (`only`, none means all).
public record ConfigSource(Path file, Caller caller, List<String> only) {
    public ConfigSource {
        only = List.copyOf(only);
    }

    /// Where the file is: absolute, links not followed.
    public Path place() {
        return caller.cwd().resolve(file).toAbsolutePath().normalize();
    }

    /// What the file wants now. `named` hears of every other file that counts, also when something is wrong.
    ///
    /// @throws InvalidConfig with every problem, when there is one
    public EcosystemReader.ReadApps read(Consumer<Path> named) throws InvalidConfig {
        return EcosystemReader.read(
                file,
                caller,
                name -> only.isEmpty() || only.contains(name),
                AppOptions.none("command line", ""),
                named);
    }

    /// Leaves the variables out: they may hold secrets.
    @Override
    public String toString() {
        return "ConfigSource[" + place() + "]";
    }
}
