package io.pm2j.daemon.reload;

import io.vertx.config.spi.ConfigStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/// What Vert.x Config sees of files: for each where it really is and a digest of what is in it, so
/// that a config is another one exactly when a file's content is, or a link on the way to it leads elsewhere.
///
/// The text itself is not the store's to keep: it may hold secrets, and only pm2j's own reader knows
/// positions, JavaScript, and who called.
final class ContentStore implements ConfigStore {
    static final String TYPE = "pm2j-content";
    private static final String ABSENT = "absent";

    private final Vertx vertx;
    private final List<Path> files;

    ContentStore(Vertx vertx, JsonObject configuration) {
        this.vertx = vertx;
        this.files = configuration.getJsonArray("files").stream()
                .map(file -> Path.of(String.valueOf(file)))
                .toList();
    }

    /// The configuration of a store of `files`.
    static JsonObject of(Iterable<Path> files) {
        JsonArray array = new JsonArray();
        files.forEach(file -> array.add(file.toString()));
        return new JsonObject().put("files", array);
    }

    @Override
    public Future<Buffer> get() {
        return vertx.executeBlocking(this::seals, false).map(Objects::requireNonNull);
    }

    private Buffer seals() {
        JsonObject all = new JsonObject();
        files.forEach(file -> all.put(file.toString(), seal(file)));
        return all.toBuffer();
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }

    /// Where the file is and what is in it; the same text when it is the same.
    private static String seal(Path file) {
        try {
            return file.toRealPath() + " " + digest(file);
        } catch (IOException e) {
            return ABSENT;
        }
    }

    /// The digest of a file's content, in hexadecimal.
    static String digest(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
