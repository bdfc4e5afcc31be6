package io.pm2j.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every example does what its README says.
class ExamplesIT {
    @RegisterExtension
    final Product product = new Product();

    static List<Path> examples() throws Exception {
        try (Stream<Path> folders = Files.list(Product.ROOT.resolve("examples"))) {
            return folders.filter(folder -> Files.isExecutable(folder.resolve("run")))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void runs(Path example) throws Exception {
        product.with("TMPDIR", product.work())
                .command(List.of(example.resolve("run").toString()))
                .succeeds();
    }
}
