package io.pm2j.proxy.listen;

import io.netty.channel.unix.Errors;
import io.pm2j.config.Address;
import java.io.IOException;
import java.net.BindException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An address could not be listened at.
public final class ListenFailed extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int EADDRINUSE = 98;

    private final transient Address address;
    private final int errno;

    public ListenFailed(Address address, int errno, String why, Throwable cause) {
        super("listen " + address + ": " + why, cause);
        this.address = address;
        this.errno = errno;
    }

    public Address address() {
        return address;
    }

    /// The system's number for it: 98 address in use, 13 not permitted, 99 not an address of this host;
    /// 0 when unknown.
    public int errno() {
        return errno;
    }

    /// What `cause` says about `wanted`.
    public static ListenFailed of(Address wanted, Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return new ListenFailed(wanted, errno(cause, message), message, cause);
    }

    private static int errno(Throwable cause, String message) {
        for (@Nullable Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof Errors.NativeIoException nativeCause) {
                return Math.abs(nativeCause.expectedErr());
            }
        }
        // The JDK's own sockets give a text only.
        return Map.of(
                        "Address already in use",
                        EADDRINUSE,
                        "Permission denied",
                        13,
                        "Cannot assign requested address",
                        99)
                .entrySet()
                .stream()
                .filter(e -> message.contains(e.getKey()))
                .mapToInt(Map.Entry::getValue)
                .findFirst()
                .orElse(cause instanceof BindException ? EADDRINUSE : 0);
    }
}
