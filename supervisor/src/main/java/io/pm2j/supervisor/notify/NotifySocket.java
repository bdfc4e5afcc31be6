package io.pm2j.supervisor.notify;

import io.pm2j.supervisor.process.Account;
import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.UnixDatagrams;
import io.pm2j.supervisor.process.UnixDatagrams.Datagram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where one worker sends what it says of itself. Thread-safe.
///
/// The socket is a file that only our user can send to. A path that is too long for a socket
/// becomes an abstract name made of it, where messages of users other than root, the worker's and
/// our own are dropped. The address of a path is always the same, so a later daemon that opens it
/// again hears the worker of an earlier one; the file is taken over even from one that has it.
public final class NotifySocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NotifySocket.class);
    private static final int ROOT = 0;
    /// So that a worker that never stops talking does not keep the others from being heard.
    private static final int MOST_AT_ONCE = 32;

    private final int socket;
    private final String address;
    private final @Nullable Path path;
    private final @Nullable Object fileKey;
    private final Poller poller;
    private final Consumer<NotifyMessage> listener;
    private final int ownUid = Account.effectiveUid();
    private boolean closed;
    private final int workerUid;

    private NotifySocket(
            int socket, Path path, Poller poller, Consumer<NotifyMessage> listener, boolean named, int workerUid)
            throws IOException {
        this.socket = socket;
        this.address = named ? path.toString() : "@" + abstractName(path);
        this.path = named ? path : null;
        this.fileKey = named ? keyOf(path) : null;
        this.poller = poller;
        this.listener = listener;
        this.workerUid = workerUid;
    }

    /// Listens at `path`; `listener` is called on the thread of `poller` and must not block.
    ///
    /// @throws IOException when the socket cannot be had there
    public static NotifySocket open(Path path, Poller poller, Consumer<NotifyMessage> listener) throws IOException {
        Path absolute = path.toAbsolutePath();
        boolean named = mayBeNamed(absolute);
        int fd = named ? bind(absolute) : UnixDatagrams.bindAbstract(abstractName(absolute));
        return follow(fd, absolute, named, Account.effectiveUid(), poller, listener);
    }

    private static boolean mayBeNamed(Path absolute) {
        return absolute.toString().getBytes(StandardCharsets.UTF_8).length <= UnixDatagrams.LONGEST_PATH;
    }

    /// As [#open], for a worker that runs as another user: always at an abstract name, as the
    /// folders of `path` may be closed to that user.
    ///
    /// @throws IOException when the socket cannot be had there
    public static NotifySocket openFor(Account worker, Path path, Poller poller, Consumer<NotifyMessage> listener)
            throws IOException {
        Path absolute = path.toAbsolutePath();
        int fd = UnixDatagrams.bindAbstract(abstractName(absolute));
        return follow(fd, absolute, false, worker.uid(), poller, listener);
    }

    /// Goes on with the socket `fd`, which the program before in this process opened at `path`, for
    /// a worker of our own user or of `other`: what was sent meanwhile waits in it.
    ///
    /// @throws IOException when its file is gone
    public static NotifySocket takeUp(
            int fd, Optional<Account> other, Path path, Poller poller, Consumer<NotifyMessage> listener)
            throws IOException {
        Path absolute = path.toAbsolutePath();
        boolean named = other.isEmpty() && mayBeNamed(absolute);
        int uid = other.map(Account::uid).orElseGet(Account::effectiveUid);
        return follow(fd, absolute, named, uid, poller, listener);
    }

    private static NotifySocket follow(
            int fd, Path absolute, boolean named, int workerUid, Poller poller, Consumer<NotifyMessage> listener)
            throws IOException {
        boolean open = false;
        try {
            NotifySocket socket = new NotifySocket(fd, absolute, poller, listener, named, workerUid);
            poller.watch(fd, _ -> socket.receive());
            open = true;
            return socket;
        } finally {
            if (!open) {
                Posix.close(fd);
            }
        }
    }

    /// A socket that nobody closed is in the way of the next; any other file is somebody's.
    private static int bind(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
            Files.deleteIfExists(path);
        }
        return UnixDatagrams.bind(path);
    }

    private static String abstractName(Path path) {
        return "pm2j-notify-" + UUID.nameUUIDFromBytes(path.toString().getBytes(StandardCharsets.UTF_8));
    }

    /// The number of the socket, to be handed on; nothing when it is closed.
    public synchronized OptionalInt descriptor() {
        return closed ? OptionalInt.empty() : OptionalInt.of(socket);
    }

    /// The value of `NOTIFY_SOCKET` for the worker.
    public String address() {
        return address;
    }

    private void receive() throws IOException {
        for (int i = 0; i < MOST_AT_ONCE; i++) {
            Datagram datagram = next();
            if (datagram == null) {
                return;
            }
            try {
                if (datagram.whole() && mayTalk(datagram.senderUid())) {
                    NotifyMessage.parse(datagram.bytes()).forEach(this::tell);
                }
            } finally {
                // After the messages were told: the end of its descriptor is what sd_notify_barrier(3) waits for.
                datagram.descriptors().forEach(Posix::close);
            }
        }
    }

    /// Not while it is being closed: the number may be another descriptor's after that.
    private synchronized @Nullable Datagram next() throws IOException {
        return closed ? null : UnixDatagrams.receive(socket);
    }

    /// The mode of the file has refused all others already; an abstract name refuses nobody.
    private boolean mayTalk(int uid) {
        return path != null || uid == ownUid || uid == workerUid || uid == ROOT;
    }

    private void tell(NotifyMessage message) {
        try {
            listener.accept(message);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("address", address).log("a notification was not taken");
        }
    }

    /// Ends the listening and removes the file, unless it is another's by now.
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            poller.forget(socket);
            Posix.close(socket);
        }
        try {
            if (path != null && fileKey != null && fileKey.equals(keyOf(path))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.debug("the socket's file was gone before", e);
        }
    }

    private static @Nullable Object keyOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }
}
