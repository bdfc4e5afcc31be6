package io.pm2j.proxy.files;

import io.pm2j.proxy.files.Resource.Facts;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/// The directory being served, its real path fixed when it was opened. Blocks.
///
/// Links are followed only to where they stay inside the root and out of hidden names. Whoever may write to the tree
/// is trusted not to race the check; clients cannot write to it.
final class Tree {
    private final Path root;

    private Tree(Path root) {
        this.root = root;
    }

    static Tree open(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new NotDirectoryException(root + " cannot be served: it is not a directory");
        }
        return new Tree(root.toRealPath());
    }

    /// What a name stands for.
    sealed interface Found {
        record File(Facts facts) implements Found {}

        record Directory() implements Found {}

        record Missing() implements Found {}
    }

    /// @throws IOException when the disk, not the name, is the trouble
    Found find(List<String> segments) throws IOException {
        try {
            Path real = root.resolve(String.join("/", segments)).toRealPath();
            if (!inside(real)) {
                return new Found.Missing();
            }
            BasicFileAttributes seen = Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (seen.isDirectory()) {
                return new Found.Directory();
            }
            // Anything else, a FIFO above all, would block whoever opens it.
            return seen.isRegularFile() ? new Found.File(facts(real, seen)) : new Found.Missing();
        } catch (InvalidPathException unspeakable) {
            return new Found.Missing();
        } catch (IOException trouble) {
            if (missing(trouble)) {
                return new Found.Missing();
            }
            throw trouble;
        }
    }

    /// Whether a file is what it was: asked after opening or reading it.
    boolean still(Facts facts) throws IOException {
        BasicFileAttributes seen =
                Files.readAttributes(facts.real(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return seen.isRegularFile() && facts(facts.real(), seen).equals(facts);
    }

    /// Which failures mean that there is no such file. The JDK has no classes for most of them.
    static boolean missing(IOException trouble) {
        if (trouble instanceof NoSuchFileException || trouble instanceof NotDirectoryException) {
            return true;
        }
        String reason = trouble instanceof FileSystemException named ? named.getReason() : null;
        return !(trouble instanceof AccessDeniedException)
                && reason != null
                && (reason.contains("Not a directory")
                        || reason.contains("name too long")
                        || reason.contains("levels of symbolic links"));
    }

    /// A link may not lead to a hidden name either; names beginning with two dots are how mounted volumes swap
    /// their content atomically (`page.html -> ..data/page.html`), and are reached by link only.
    private boolean inside(Path real) {
        if (!real.startsWith(root)) {
            return false;
        }
        Path below = root.relativize(real);
        for (int i = 0; i < below.getNameCount(); i++) {
            String name = below.getName(i).toString();
            if (TargetPath.hidden(name, i) && !name.startsWith("..")) {
                return false;
            }
        }
        return true;
    }

    private static Facts facts(Path real, BasicFileAttributes seen) {
        // The only portable view of the inode number; the device part would change with a remount.
        String key = String.valueOf(seen.fileKey());
        int at = key.indexOf("ino=");
        String digits = at < 0 ? "" : key.substring(at + 4).replaceAll("[^0-9].*", "");
        String inode = digits.isEmpty() ? "0" : Long.toHexString(Long.parseUnsignedLong(digits));
        return new Facts(real, seen.size(), seen.lastModifiedTime().toInstant(), inode);
    }
}
