package io.pm2j.proxy.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StaticSiteTest {
    @TempDir
    Path dir;

    private Path root;
    private final AtomicLong nanos = new AtomicLong();

    @BeforeEach
    void plant() throws IOException {
        root = Files.createDirectories(dir.resolve("root"));
        write("index.html", "home");
        write("docs/index.html", "docs");
        write("app.js", "0123456789");
        write("big.bin", "x".repeat(200_000));
        write(".env", "SECRET");
        write(".git/HEAD", "SECRET");
        Files.writeString(dir.resolve("outside.txt"), "SECRET");
        Files.createSymbolicLink(root.resolve("leak.txt"), dir.resolve("outside.txt"));
        Files.createSymbolicLink(root.resolve("up"), dir);
        Files.createSymbolicLink(root.resolve("env.txt"), Path.of(".env"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(root.resolve("same.js"), Path.of("app.js"));
    }

    @Test
    void servesFilesIndexesAndLinksThatStayInside() throws IOException {
        assertThat(get("/")).isEqualTo("200 home");
        assertThat(get("/docs/")).isEqualTo("200 docs");
        assertThat(get("/same.js?v=1")).isEqualTo("200 0123456789");
        assertThat(get("/big.bin")).hasSize(4 + 200_000);
    }

    @Test
    void sendsDirectoriesAndFilesToTheirOneSpelling() throws IOException {
        assertThat(header(ask("GET", "/docs?q", Map.of()), "Location")).isEqualTo("/docs/?q");
        assertThat(header(ask("GET", "/app.js/", Map.of()), "Location")).isEqualTo("/app.js");
        assertThat(header(ask("GET", "//docs", Map.of()), "Location")).isEqualTo("/docs/");
        assertThat(header(ask("GET", "//", Map.of()), "Location")).isEqualTo("/");
        assertThat(get("//evil.example/..")).startsWith("400");
    }

    @Test
    void keepsHiddenAndOutsideFilesPrivate() throws IOException {
        for (String target : List.of(
                "/.env",
                "/.git/HEAD",
                "/leak.txt",
                "/up/outside.txt",
                "/env.txt",
                "/loop",
                "/app.js/x",
                "/up/root/app.js%2f",
                "/" + "a".repeat(300),
                "/" + "a/".repeat(3000))) {
            assertThat(get(target)).startsWith("404").doesNotContain("SECRET");
        }
    }

    @Test
    void fallsBackToTheIndexOnlyForNavigations() throws IOException {
        StaticSite spa = StaticSite.open(root, SiteOptions.defaults().withSpa(true));
        assertThat(text(spa.respond(new SiteRequest("GET", "/users/7", Map.of("accept", "text/html")))))
                .isEqualTo("200 home");
        assertThat(text(spa.respond(new SiteRequest("GET", "/missing.js", Map.of()))))
                .startsWith("404");
        assertThat(text(spa.respond(new SiteRequest("GET", "/api", Map.of("accept", "application/json")))))
                .startsWith("404");
        assertThat(text(spa.respond(new SiteRequest("GET", "/.env", Map.of())))).startsWith("404");
    }

    @Test
    void answersConditionsAndKeepsTheirHeaders() throws IOException {
        SiteResponse first = ask("GET", "/app.js", Map.of());
        SiteResponse again = ask("GET", "/app.js", Map.of("if-none-match", header(first, "ETag")));
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.headers().stream().map(Map.Entry::getKey)).containsExactly("ETag", "Cache-Control", "Vary");
        assertThat(ask("GET", "/app.js", Map.of("if-match", "\"x\"")).status()).isEqualTo(412);
    }

    @Test
    void cutsRangesFromSmallAndLargeFiles() throws IOException {
        SiteResponse one = ask("GET", "/app.js", Map.of("range", "bytes=2-4"));
        assertThat(header(one, "Content-Range")).isEqualTo("bytes 2-4/10");
        assertThat(text(one)).isEqualTo("206 234");
        assertThat(header(ask("GET", "/app.js", Map.of("range", "bytes=10-")), "Content-Range"))
                .isEqualTo("bytes */10");
        SiteResponse many = ask("GET", "/big.bin", Map.of("range", "bytes=0-1,100000-100001"));
        String length = header(many, "Content-Length");
        String body = text(many).substring(4);
        assertThat(body)
                .contains("bytes 0-1/200000")
                .contains("bytes 100000-100001/200000")
                .endsWith("--\r\n");
        assertThat(body.length()).isEqualTo(Integer.parseInt(length));
    }

    @Test
    void prefersASidecarThatIsNotOlder() throws IOException {
        write("app.js.br", "BR");
        SiteResponse packed = ask("GET", "/app.js", Map.of("accept-encoding", "gzip, br"));
        assertThat(header(packed, "Content-Encoding")).isEqualTo("br");
        assertThat(header(packed, "ETag")).endsWith("-br\"");
        assertThat(header(packed, "Content-Type")).isEqualTo("text/javascript; charset=utf-8");
        assertThat(text(ask("GET", "/app.js", Map.of("accept-encoding", "br", "range", "bytes=0-0"))))
                .isEqualTo("206 0");
        Files.setLastModifiedTime(root.resolve("app.js.br"), FileTime.fromMillis(1000));
        assertThat(text(ask("GET", "/app.js", Map.of("accept-encoding", "br")))).isEqualTo("200 0123456789");
    }

    @Test
    void answersHeadWithTheHeadersOfGet() throws IOException {
        for (String target : List.of("/", "/big.bin", "/nope", "/docs", "/%")) {
            SiteResponse head = ask("HEAD", target, Map.of());
            SiteResponse get = ask("GET", target, Map.of());
            assertThat(head.body()).isEqualTo(new SiteBody.None());
            assertThat(head.headers()).isEqualTo(get.headers());
            text(get);
        }
        assertThat(header(ask("POST", "/", Map.of()), "Allow")).isEqualTo("GET, HEAD, OPTIONS");
        assertThat(ask("OPTIONS", "*", Map.of()).status()).isEqualTo(204);
    }

    @Test
    void showsTheSitesOwnPageForMissingOnes() throws IOException {
        write("404.html", "gone");
        SiteResponse gone = ask("GET", "/nope", Map.of("range", "bytes=0-0", "if-none-match", "*"));
        assertThat(text(gone)).isEqualTo("404 gone");
        assertThat(gone.headers().stream().map(Map.Entry::getKey)).doesNotContain("ETag");
    }

    @Test
    void peeksOnlyAtWhatWasSeenWithinTheLastSecond() throws IOException {
        StaticSite site = StaticSite.open(root, SiteOptions.defaults(), nanos::get);
        SiteRequest request = new SiteRequest("GET", "/app.js", Map.of());
        assertThat(site.peek(request)).isNull();
        text(site.respond(request));
        Files.writeString(root.resolve("app.js"), "new");
        assertThat(text(Objects.requireNonNull(site.peek(request)))).isEqualTo("200 0123456789");
        nanos.addAndGet(1_000_000_000L);
        assertThat(site.peek(request)).isNull();
        assertThat(text(site.respond(request))).isEqualTo("200 new");
        text(site.respond(new SiteRequest("GET", "/big.bin", Map.of())));
        assertThat(site.peek(new SiteRequest("GET", "/big.bin", Map.of()))).isNull();
        assertThat(Objects.requireNonNull(site.peek(new SiteRequest("GET", "/%", Map.of())))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void refusesARootThatIsNoDirectory() {
        assertThatThrownBy(() -> StaticSite.open(root.resolve("app.js"), SiteOptions.defaults()))
                .hasMessageEndingWith("app.js cannot be served: it is not a directory");
    }

    @Test
    void staysWithinItsMemory() {
        SmallFiles memory = new SmallFiles(100_000);
        for (int i = 0; i < 1_000; i++) {
            var facts = new Resource.Facts(root, 1000, Instant.EPOCH, "1");
            var stored = new Resource.Stored(Coding.IDENTITY, facts, new byte[1000]);
            memory.put("k" + i, new SmallFiles.Entry(new Resource(List.of("k"), stored, List.of()), 0));
            memory.get("k0");
        }
        assertThat(memory.usedBytes()).isLessThanOrEqualTo(100_000);
        assertThat(memory.get("k0")).isNotNull();
        assertThat(memory.get("k5")).isNull();
    }

    /// Random targets over the planted tree and files with awkward names, against a model that shares no code with
    /// the site.
    @Test
    void agreesWithAModelOnRandomTargets() throws IOException {
        Random random = new Random(42);
        Map<String, String> files = new TreeMap<>(Map.of(
                "index.html", "home", "docs/index.html", "docs", "app.js", "0123456789", "same.js", "0123456789"));
        for (String name :
                List.of("100%", "a b", "semi;colon", "what?", "new\nline", "#hash", "plus+", "..x", "x..", "~")) {
            write("odd/" + name, "odd " + name);
            files.put("odd/" + name, "odd " + name);
        }
        StaticSite site = StaticSite.open(root, SiteOptions.defaults());
        List<String> starts = new ArrayList<>(List.of("/", "/docs/", "/docs", "//docs/", "/up/outside.txt", "/.env"));
        files.keySet().forEach(name -> starts.add("/" + encodeAll(name).replace("%2f", "/")));
        String alphabet = "/.%2eEfF5c0\\?#ab \0\n\u00e9;odcsgit-nvx+";
        for (int i = 0; i < 40_000; i++) {
            StringBuilder wild = new StringBuilder(starts.get(random.nextInt(starts.size())));
            for (int n = random.nextInt(5); n > 0; n--) {
                wild.insert(random.nextInt(wild.length() + 1), alphabet.charAt(random.nextInt(alphabet.length())));
            }
            SiteResponse response = site.respond(new SiteRequest("GET", wild.toString(), Map.of()));
            String got = text(response);
            assertThat(response.status() == 200 ? got : got.substring(0, 3))
                    .as(wild.toString())
                    .isEqualTo(expected(wild.toString(), files));
            if (response.status() == 308) {
                assertThat(header(response, "Location")).matches("/([^/\\\\\\s][^\\\\\\s]*)?");
            }
        }
    }

    private static String expected(String target, Map<String, String> files) {
        String path = target.split("\\?", 2)[0];
        if (!path.startsWith("/") || !target.matches("[!-~]*") || target.matches(".*[#\\\\].*")) {
            return "400";
        }
        List<String> names = new ArrayList<>();
        boolean unservable = false;
        for (String raw : path.split("/")) {
            String name;
            try {
                name = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException badPercent) {
                return "400";
            }
            if (name.matches("(?s)\\.|\\.\\.|.*[\0\\\\\uFFFD].*")) {
                return "400";
            }
            unservable |= name.startsWith(".") || name.contains("/");
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        String name = String.join("/", names);
        boolean slash = path.endsWith("/");
        boolean doubled = path.contains("//");
        if (unservable) {
            return "404";
        }
        if (files.containsKey(name)) {
            return slash || doubled ? "308" : "200 " + files.get(name);
        }
        String index = files.get(names.isEmpty() ? "index.html" : name + "/index.html");
        if (index == null) {
            return "404";
        }
        return slash && !doubled ? "200 " + index : "308";
    }

    private static String encodeAll(String name) {
        StringBuilder out = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            out.append(String.format("%%%02x", b));
        }
        return out.toString();
    }

    private void write(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private SiteResponse ask(String method, String target, Map<String, String> headers) throws IOException {
        return StaticSite.open(root, SiteOptions.defaults()).respond(new SiteRequest(method, target, headers));
    }

    private String get(String target) throws IOException {
        return text(ask("GET", target, Map.of()));
    }

    private static String header(SiteResponse response, String name) {
        return response.headers().stream()
                .filter(h -> h.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("(none)");
    }

    private static String text(SiteResponse response) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        drain(response.body(), out);
        return response.status() + " " + out.toString(StandardCharsets.UTF_8);
    }

    private static void drain(SiteBody body, ByteArrayOutputStream out) throws IOException {
        switch (body) {
            case SiteBody.None() -> {}
            case SiteBody.Bytes(byte[] bytes) -> out.writeBytes(bytes);
            case SiteBody.Parts(List<SiteBody> parts) -> {
                for (SiteBody part : parts) {
                    drain(part, out);
                }
            }
            case SiteBody.FileSlice slice -> {
                try (var channel = slice.channel()) {
                    ByteBuffer buffer = ByteBuffer.allocate((int) slice.length());
                    while (buffer.hasRemaining() && channel.read(buffer, slice.offset() + buffer.position()) >= 0) {}
                    out.writeBytes(buffer.array());
                }
            }
        }
    }
}
