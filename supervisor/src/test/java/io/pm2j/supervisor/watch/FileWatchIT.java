package io.pm2j.supervisor.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pm2j.config.spec.WatchSpec;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real files, real inotify. That something is *not* told is shown by a marker that is told after
/// it, alone.
@Timeout(180)
class FileWatchIT {
    /// What is made of several steps is one change though the machine pauses between two of them.
    private static final Duration QUIET = Duration.ofMillis(300);

    private static final Duration LONG_QUIET = Duration.ofMillis(1_500);

    @TempDir
    Path home;

    private Path root;
    private final BlockingQueue<Change> changes = new ArrayBlockingQueue<>(1_000);
    private final List<FileWatch> watches = new ArrayList<>();

    @BeforeEach
    void makeRoot() throws IOException {
        home = home.toRealPath();
        root = Files.createDirectories(home.resolve("app"));
    }

    @AfterEach
    void close() {
        watches.forEach(FileWatch::close);
    }

    @Test
    void aChangedFileIsToldOnce() throws Exception {
        Path file = write("src/a.js", "1");
        watch(root);

        write("src/a.js", "2");

        assertThat(told()).isEqualTo(new Change(file, 1));
        assertOnlyMarkerIsToldNext();
    }

    @Test
    void aTouchedFileIsTold() throws Exception {
        Path file = write("a.js", "1");
        watch(root);

        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));

        assertThat(told()).isEqualTo(new Change(file, 1));
    }

    @Test
    void aRemovedFileIsTold() throws Exception {
        Path file = write("src/a.js", "1");
        watch(root);

        Files.delete(file);

        assertThat(told()).isEqualTo(new Change(file, 1));
    }

    @Test
    void filesInFoldersThatAreMadeLaterAreWatched() throws Exception {
        watch(root);

        Path file = write("x/y/z/a.js", "1");

        Change made = told();
        assertThat(made.first()).isEqualTo(root.resolve("x"));
        assertThat(made.count()).isEqualTo(4);

        write("x/y/z/a.js", "2");
        assertThat(told()).isEqualTo(new Change(file, 1));
    }

    @Test
    void aFolderThatIsMovedInIsWatchedWithAllInIt() throws Exception {
        Path outside = Files.createDirectories(home.resolve("outside/deep"));
        Files.writeString(outside.resolve("a.js"), "1");
        watch(root);

        Files.move(home.resolve("outside"), root.resolve("in"));

        assertThat(told()).isEqualTo(new Change(root.resolve("in"), 3));
        write("in/deep/a.js", "2");
        assertThat(told()).isEqualTo(new Change(root.resolve("in/deep/a.js"), 1));
    }

    @Test
    void aFolderThatIsRenamedIsKnownByItsNewName() throws Exception {
        write("old/deep/a.js", "1");
        watch(root);

        Files.move(root.resolve("old"), root.resolve("new"));
        assertThat(told().first()).isIn(root.resolve("old"), root.resolve("new"));

        write("new/deep/a.js", "2");
        assertThat(told()).isEqualTo(new Change(root.resolve("new/deep/a.js"), 1));
    }

    @Test
    void aFolderThatIsMovedOutIsNotWatchedAnyMore() throws Exception {
        write("sub/deep/a.js", "1");
        watch(root);

        Files.move(root.resolve("sub"), home.resolve("elsewhere"));
        assertThat(told()).isEqualTo(new Change(root.resolve("sub"), 1));

        Files.writeString(home.resolve("elsewhere/deep/a.js"), "2");
        assertOnlyMarkerIsToldNext();
    }

    @Test
    void aSaveByRenameIsTold() throws Exception {
        Path file = write("a.js", "1");
        watch(root);

        saveByRename(file, "2");

        assertThat(told()).isEqualTo(new Change(file, 1));
    }

    @Test
    void aWatchedFileIsWatchedAlone() throws Exception {
        Path file = write("a.js", "1");
        watch(file);

        write("b.js", "1");
        write("sub/a.js", "1");
        saveByRename(file, "2");
        assertThat(told()).isEqualTo(new Change(file, 1));

        Files.writeString(file, "3");
        assertThat(told()).isEqualTo(new Change(file, 1));

        Files.delete(file);
        assertThat(told()).isEqualTo(new Change(file, 1));

        Files.writeString(file, "4");
        assertThat(told()).isEqualTo(new Change(file, 1));
    }

    @Test
    void aWatchedFileMayHaveAnIgnoredName() throws Exception {
        Path file = write(".env", "1");
        watch(file, write("a.js", "1"));

        Files.writeString(file, "2");

        assertThat(told()).isEqualTo(new Change(file, 1));
    }

    @Test
    void ignoredFilesAreNeverTold() throws Exception {
        write("node_modules/x/index.js", "1");
        write("public/deep/a.css", "1");
        start(new WatchSpec(List.of(root), List.of("public/**", "*.tmp"), QUIET));

        write("node_modules/x/index.js", "2");
        write("public/deep/a.css", "2");
        write("a.tmp", "1");
        write("app.log", "1");
        write(".git/HEAD", "1");
        Files.delete(write("4913", ""));

        assertOnlyMarkerIsToldNext();
    }

    @Test
    void ignoredFoldersTakeNoWatches() throws Exception {
        write("src/a.js", "1");
        for (int i = 0; i < 20; i++) {
            write("node_modules/m" + i + "/index.js", "1");
        }
        int before = inotifyWatches();
        watch(root);

        // The root, src, and the folder above that tells when the root goes.
        assertThat(inotifyWatches() - before).isEqualTo(3);
    }

    @Test
    void aBurstIsToldOnce() throws Exception {
        Path first = write("f0.js", "");
        start(new WatchSpec(List.of(root), List.of(), LONG_QUIET));

        for (int i = 0; i < 50; i++) {
            for (int j = 0; j < 3; j++) {
                Files.writeString(root.resolve("f" + i + ".js"), "x", StandardOpenOption.CREATE);
            }
        }

        assertThat(told()).isEqualTo(new Change(first, 50));
        assertOnlyMarkerIsToldNext();
    }

    @Test
    void theNewsWaitForTheQuietTime() throws Exception {
        start(new WatchSpec(List.of(root), List.of(), Duration.ofMillis(400)));

        long startNanos = System.nanoTime();
        write("a.js", "1");
        told();

        assertThat(System.nanoTime() - startNanos).isGreaterThanOrEqualTo(400_000_000L);
    }

    @Test
    void aRootThatIsMadeAgainIsWatchedAgain() throws Exception {
        write("src/a.js", "1");
        watch(root);

        remove(root);
        assertThat(told().first()).startsWithRaw(root);

        write("src/a.js", "2");
        assertThat(told()).isEqualTo(new Change(root, 3));

        write("src/a.js", "3");
        assertThat(told()).isEqualTo(new Change(root.resolve("src/a.js"), 1));
    }

    @Test
    void aRootMayGoWithAllAboveItAndComeBack() throws Exception {
        Path deep = home.resolve("one/two/three");
        Files.createDirectories(deep);
        Files.writeString(deep.resolve("a.js"), "1");
        watch(deep);

        remove(home.resolve("one"));
        assertThat(told().first()).startsWithRaw(deep);

        Files.createDirectories(deep);
        assertThat(told().first()).isEqualTo(deep);
        Files.writeString(deep.resolve("a.js"), "2");
        assertThat(told()).isEqualTo(new Change(deep.resolve("a.js"), 1));
    }

    @Test
    void whatDoesNotExistYetIsWatchedForAllTheSame() throws Exception {
        Path missing = home.resolve("not/yet/here");
        watch(missing);

        Files.createDirectories(missing.getParent());
        Files.writeString(home.resolve("not/other"), "");
        Files.writeString(missing, "1");
        assertThat(told()).isEqualTo(new Change(missing, 1));

        Files.writeString(missing, "2");
        assertThat(told()).isEqualTo(new Change(missing, 1));
    }

    @Test
    void aLinkThatIsTurnedToAnotherFolderIsTold() throws Exception {
        Path one = Files.createDirectories(home.resolve("releases/1"));
        Path two = Files.createDirectories(home.resolve("releases/2"));
        Path current = Files.createSymbolicLink(home.resolve("current"), one);
        watch(current);

        Files.writeString(one.resolve("a.js"), "1");
        assertThat(told()).isEqualTo(new Change(current.resolve("a.js"), 1));

        Path link = Files.createSymbolicLink(home.resolve("next"), two);
        Files.move(link, current, StandardCopyOption.ATOMIC_MOVE);
        assertThat(told()).isEqualTo(new Change(current, 1));

        Files.writeString(one.resolve("a.js"), "2");
        Files.writeString(two.resolve("b.js"), "2");
        assertThat(told()).isEqualTo(new Change(current.resolve("b.js"), 1));
    }

    @Test
    void rootsMayLieInEachOther() throws Exception {
        Path mine = root.resolve("node_modules/mine");
        Path inner = write("node_modules/mine/index.js", "1");
        write("src/a.js", "1");
        watch(root, mine);

        Files.writeString(inner, "2");
        assertThat(told()).isEqualTo(new Change(inner, 1));

        write("src/a.js", "2");
        assertThat(told()).isEqualTo(new Change(root.resolve("src/a.js"), 1));

        Files.move(root.resolve("node_modules"), home.resolve("away"));
        Files.move(home.resolve("away"), root.resolve("node_modules"));
        assertThat(told().first()).isEqualTo(mine);
        Files.writeString(inner, "3");
        assertThat(told()).isEqualTo(new Change(inner, 1));
    }

    @Test
    void newsThatTheKernelDroppedAreAChange() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch holding = new CountDownLatch(1);
        watches.add(FileWatch.start(new WatchSpec(List.of(root), List.of(), Duration.ZERO), change -> {
            changes.add(change);
            holding.countDown();
            await(held);
        }));
        write("a.js", "1");
        holding.await();
        told();

        // More than the 512 that the JDK keeps for a folder; the last of them makes a folder that is not told of.
        for (int i = 0; i < 600; i++) {
            Files.createFile(root.resolve("f" + i));
        }
        write("late/a.js", "1");
        held.countDown();
        assertThat(told().first()).startsWithRaw(root);

        write("late/a.js", "2");
        assertThat(told()).isEqualTo(new Change(root.resolve("late/a.js"), 1));
    }

    @Test
    void aFailingListenerHearsOfTheNextChange() throws Exception {
        watches.add(FileWatch.start(new WatchSpec(List.of(root), List.of(), Duration.ZERO), change -> {
            changes.add(change);
            throw new IllegalStateException("as the test wants it");
        }));

        // One event: what comes in two may be told twice, where the machine pauses in between.
        Files.createFile(root.resolve("a.js"));
        told();
        write("b.js", "1");

        assertThat(told().first()).isEqualTo(root.resolve("b.js"));
    }

    @Test
    void closingGivesBackWhatTheKernelKeeps() throws Exception {
        long before = inotifyInstances();
        List<FileWatch> many = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            many.add(FileWatch.start(new WatchSpec(List.of(root), List.of(), Duration.ZERO), changes::add));
        }
        assertThat(inotifyInstances()).isEqualTo(before + 5);

        many.forEach(FileWatch::close);
        many.forEach(FileWatch::close);

        assertThat(inotifyInstances()).isEqualTo(before);
    }

    @Test
    void aFailedStartKeepsNothing() throws Exception {
        Path secret = Files.createDirectory(root.resolve("secret"));
        Files.setPosixFilePermissions(secret, Set.of());
        assumeThat(Files.isReadable(secret)).as("root may read everything").isFalse();
        long before = inotifyInstances();

        assertThatThrownBy(() -> watch(secret)).isInstanceOf(AccessDeniedException.class);

        assertThat(inotifyInstances()).isEqualTo(before);
    }

    @Test
    void mayBeClosedByItsListener() throws Exception {
        long before = inotifyInstances();
        BlockingQueue<FileWatch> own = new ArrayBlockingQueue<>(1);
        own.add(FileWatch.start(new WatchSpec(List.of(root), List.of(), Duration.ZERO), change -> {
            own.remove().close();
            changes.add(change);
        }));

        write("a.js", "1");
        told();

        assertThat(inotifyInstances()).isEqualTo(before);
    }

    @Test
    void theLimitsOfTheKernelAreNamed() {
        IOException watches = new IOException("User limit of inotify watches reached");
        IOException instances = new IOException("User limit of inotify instances reached or too many open files");
        IOException other = new IOException("other");

        assertThat(InotifyLimit.named(watches, root)).hasMessageContaining("fs.inotify.max_user_watches");
        assertThat(InotifyLimit.named(instances, root)).hasMessageContaining("fs.inotify.max_user_instances");
        assertThat(InotifyLimit.named(other, root)).isSameAs(other);
    }

    private void watch(Path... paths) throws IOException {
        start(new WatchSpec(List.of(paths), List.of(), QUIET));
    }

    private void start(WatchSpec spec) throws IOException {
        watches.add(FileWatch.start(spec, changes::add));
    }

    private Path write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private void saveByRename(Path file, String text) throws IOException {
        Path draft = Files.writeString(file.resolveSibling("." + file.getFileName() + ".swp"), text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private Change told() throws InterruptedException {
        Change change = changes.poll(60, TimeUnit.SECONDS);
        assertThat(change).as("a change").isNotNull();
        return change;
    }

    private void assertOnlyMarkerIsToldNext() throws Exception {
        Path marker = write("marker", "");

        assertThat(told()).isEqualTo(new Change(marker, 1));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static List<Path> inotifyFiles() throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            for (Path file : files.toList()) {
                if (isInotify(file)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    private static boolean isInotify(Path file) {
        try {
            return Files.readSymbolicLink(file).toString().equals("anon_inode:inotify");
        } catch (IOException _) {
            // Closed meanwhile: the one the list was read by.
            return false;
        }
    }

    private static long inotifyInstances() throws IOException {
        return inotifyFiles().size();
    }

    /// The kernel lists each watch in a line.
    private static int inotifyWatches() throws IOException {
        int count = 0;
        for (Path file : inotifyFiles()) {
            Path info = Path.of("/proc/self/fdinfo", file.getFileName().toString());
            count += (int) Files.readAllLines(info).stream()
                    .filter(line -> line.startsWith("inotify "))
                    .count();
        }
        return count;
    }
}
