package io.pm2j.proxy.files;

import io.pm2j.proxy.files.Plan.Piece;
import io.pm2j.proxy.files.Resource.Facts;
import io.pm2j.proxy.files.Resource.Stored;
import io.pm2j.proxy.files.Tree.Found;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A directory served as a web site: `pm2j serve`.
///
/// Refuses to show hidden files, to follow a link out of its root, and to end on any request whatever its bytes.
/// A missing page is 404, trouble with the disk is 503. Any thread.
public final class StaticSite {
    private static final Logger LOG = LoggerFactory.getLogger(StaticSite.class);
    private static final int ATTEMPTS = 3;

    private final Tree tree;
    private final SiteOptions options;
    private final Shelf shelf;
    private final AtomicLong lastComplaint = new AtomicLong(Long.MIN_VALUE);

    private StaticSite(Tree tree, SiteOptions options, LongSupplier nanos) {
        this.tree = tree;
        this.options = options;
        this.shelf = new Shelf(tree, options, nanos);
    }

    /// Opens a directory; links above it are resolved now, so a later switch does not mix two trees.
    ///
    /// @throws IOException when the root is not a directory, or cannot be read
    public static StaticSite open(Path root, SiteOptions options) throws IOException {
        return open(root, options, System::nanoTime);
    }

    static StaticSite open(Path root, SiteOptions options, LongSupplier nanos) throws IOException {
        return new StaticSite(Tree.open(root), options, nanos);
    }

    /// Answers from memory alone, on an event loop; null when the disk must be asked.
    public @Nullable SiteResponse peek(SiteRequest request) {
        try {
            Plan plan = refuse(request);
            if (plan == null && TargetPath.parse(request.target()) instanceof TargetPath.Lookup path) {
                Resource resource = path.canonical() ? shelf.remembered(key(path)) : null;
                plan = resource == null ? null : represent(request, resource, "");
            }
            return plan == null || plan.needsFile() && !request.head() ? null : inMemory(request, plan);
        } catch (RuntimeException unforeseen) {
            return null;
        }
    }

    /// Answers any request; may block on the disk. A returned file must be closed by the receiver.
    public SiteResponse respond(SiteRequest request) {
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    return fetch(request, decide(request));
                } catch (Shelf.ChangedMeanwhile | NoSuchFileException moved) {
                    if (attempt == ATTEMPTS) {
                        throw moved;
                    }
                }
            }
        } catch (IOException trouble) {
            complain(trouble);
            return inMemory(request, Refusals.unavailable());
        } catch (RuntimeException unforeseen) {
            complain(unforeseen);
            return inMemory(request, Refusals.text(500, "Internal Server Error", List.of()));
        }
    }

    private static @Nullable Plan refuse(SiteRequest request) {
        return switch (request.method()) {
            case "GET", "HEAD" ->
                TargetPath.parse(request.target()) instanceof TargetPath.Malformed(String why)
                        ? Refusals.malformed(why)
                        : null;
            case "OPTIONS" -> Refusals.options();
            default -> Refusals.methodNotAllowed();
        };
    }

    private Plan decide(SiteRequest request) throws IOException {
        Plan refusal = refuse(request);
        if (refusal != null) {
            return refusal;
        }
        return switch (TargetPath.parse(request.target())) {
            case TargetPath.Malformed(String why) -> Refusals.malformed(why);
            case TargetPath.Unservable() -> missing(request, "");
            case TargetPath.Lookup path -> lookUp(request, path);
        };
    }

    private Plan lookUp(SiteRequest request, TargetPath.Lookup path) throws IOException {
        boolean asDirectory = path.directory() || path.segments().isEmpty();
        switch (tree.find(path.segments())) {
            case Found.Missing() -> {}
            case Found.File(Facts facts) -> {
                if (asDirectory || !path.canonical()) {
                    return Refusals.redirect(path.spelled(false));
                }
                return opened(request, key(path), path.segments(), facts);
            }
            case Found.Directory() -> {
                for (String index : options.indexFiles()) {
                    List<String> names = below(path.segments(), index);
                    if (tree.find(names) instanceof Found.File(Facts facts)) {
                        return asDirectory && path.canonical()
                                ? opened(request, key(path), names, facts)
                                : Refusals.redirect(path.spelled(true));
                    }
                }
            }
        }
        shelf.forget(key(path));
        return options.spa() ? navigate(request, path) : missing(request, "");
    }

    /// The application's own routes are its index page; a missing script stays missing, or the browser would run a
    /// page as a module and caches would keep it.
    private Plan navigate(SiteRequest request, TargetPath.Lookup path) throws IOException {
        String last = path.segments().isEmpty() ? "" : path.segments().getLast();
        if (SiteNavigation.is(last, request.header("accept"))) {
            for (String index : options.indexFiles()) {
                if (tree.find(List.of(index)) instanceof Found.File(Facts facts)) {
                    return represent(request, shelf.take("/", List.of(index), facts), "Accept");
                }
            }
        }
        return missing(request, "Accept");
    }

    private Plan missing(SiteRequest request, String vary) throws IOException {
        List<String> names = List.of("404.html");
        if (!(tree.find(names) instanceof Found.File(Facts facts))) {
            return Refusals.notFound(vary);
        }
        String encodings = request.header("accept-encoding");
        SiteRequest plain = new SiteRequest(
                request.method(), "/404.html", encodings == null ? Map.of() : Map.of("accept-encoding", encodings));
        Plan page = represent(plain, shelf.take("/404.html", names, facts), vary);
        // Validators and ranges are for what was asked for, and that is not here.
        Set<String> ofTheFile = Set.of("ETag", "Last-Modified", "Accept-Ranges");
        return new Plan(
                404,
                page.headers().stream()
                        .filter(h -> !ofTheFile.contains(h.getKey()))
                        .toList(),
                page.from(),
                page.pieces());
    }

    private Plan opened(SiteRequest request, String key, List<String> names, Facts facts) throws IOException {
        try {
            return represent(request, shelf.take(key, names, facts), "");
        } catch (AccessDeniedException unreadable) {
            return Refusals.forbidden();
        }
    }

    private static Plan represent(SiteRequest request, Resource resource, String vary) {
        String boundary =
                request.header("range") == null ? "" : UUID.randomUUID().toString();
        return Representing.represent(request, resource, vary, Instant.now(), boundary);
    }

    private static String key(TargetPath.Lookup path) {
        return "/" + String.join("/", path.segments())
                + (path.directory() && !path.segments().isEmpty() ? "/" : "");
    }

    private static List<String> below(List<String> segments, String name) {
        List<String> names = new ArrayList<>(segments);
        names.add(name);
        return names;
    }

    private SiteResponse fetch(SiteRequest request, Plan plan) throws IOException {
        Stored from = plan.from();
        if (!plan.needsFile() || request.head() || from == null) {
            return inMemory(request, plan);
        }
        List<SiteBody> bodies = new ArrayList<>();
        try {
            for (Piece piece : plan.pieces()) {
                switch (piece) {
                    case Piece.Literal(byte[] bytes) -> bodies.add(new SiteBody.Bytes(bytes));
                    case Piece.Slice(long offset, long length) ->
                        bodies.add(new SiteBody.FileSlice(channel(from.facts()), offset, length));
                }
            }
            return response(plan, bodies);
        } catch (AccessDeniedException unreadable) {
            close(bodies);
            return inMemory(request, Refusals.forbidden());
        } catch (IOException | RuntimeException trouble) {
            close(bodies);
            throw trouble;
        }
    }

    /// Opened first and judged after, so that the headers speak of the file that is sent.
    private FileChannel channel(Facts facts) throws IOException {
        FileChannel channel = FileChannel.open(facts.real(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try {
            if (channel.size() != facts.size() || !tree.still(facts)) {
                throw new Shelf.ChangedMeanwhile();
            }
            return channel;
        } catch (IOException | RuntimeException trouble) {
            channel.close();
            throw trouble;
        }
    }

    private static void close(List<SiteBody> bodies) throws IOException {
        for (SiteBody body : bodies) {
            if (body instanceof SiteBody.FileSlice slice) {
                slice.channel().close();
            }
        }
    }

    private static SiteResponse inMemory(SiteRequest request, Plan plan) {
        List<SiteBody> bodies = new ArrayList<>();
        Stored from = plan.from();
        byte[] content = from == null ? null : from.content();
        for (Piece piece : request.head() ? List.<Piece>of() : plan.pieces()) {
            switch (piece) {
                case Piece.Literal(byte[] bytes) -> bodies.add(new SiteBody.Bytes(bytes));
                case Piece.Slice(long offset, long length) -> {
                    if (content == null) {
                        throw new IllegalStateException("The plan needs a file that is not in memory");
                    }
                    boolean all = offset == 0 && length == content.length;
                    bodies.add(new SiteBody.Bytes(
                            all ? content : Arrays.copyOfRange(content, (int) offset, (int) (offset + length))));
                }
            }
        }
        return response(plan, bodies);
    }

    private static SiteResponse response(Plan plan, List<SiteBody> bodies) {
        SiteBody body = switch (bodies.size()) {
            case 0 -> new SiteBody.None();
            case 1 -> bodies.getFirst();
            default -> new SiteBody.Parts(bodies);
        };
        return new SiteResponse(plan.status(), plan.headers(), body);
    }

    /// At most once a second: a full descriptor table meets every request.
    private void complain(Exception trouble) {
        long now = System.nanoTime();
        long last = lastComplaint.get();
        if ((last == Long.MIN_VALUE || now - last > 1_000_000_000L) && lastComplaint.compareAndSet(last, now)) {
            LOG.warn("A static file could not be served", trouble);
        }
    }
}
