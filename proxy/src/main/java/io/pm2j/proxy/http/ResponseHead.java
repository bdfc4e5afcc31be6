package io.pm2j.proxy.http;

/// A scanned response head: positions in the array it was scanned from.
public final class ResponseHead extends Fields {
    int status;
    int keepAliveSeconds;

    @Override
    void reset() {
        super.reset();
        status = 0;
        keepAliveSeconds = -1;
    }

    public int status() {
        return status;
    }

    /// The `timeout` of the `Keep-Alive` field, or -1.
    public int keepAliveSeconds() {
        return keepAliveSeconds;
    }

    public boolean interim() {
        return status < 200;
    }

    /// Responses that never have a body, whatever their fields say (RFC 9112 §6.3).
    public boolean bodiless(boolean toHead) {
        return toHead || status == 204 || status == 304;
    }
}
