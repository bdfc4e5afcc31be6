package io.pm2j.proxy.listen;

import io.pm2j.config.Address;
import java.io.IOException;

/// An address could not be listened at.
public final class ListenFailed extends IOException {
    private static final long serialVersionUID = 1L;

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
}
