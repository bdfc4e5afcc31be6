package io.pm2j.proxy.admission;

import io.pm2j.proxy.client.Client;
import io.pm2j.proxy.client.FieldSource;
import io.pm2j.proxy.route.RequestView;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A request as it arrived. Looked at while [Admission#decide] runs, and never after: its texts
/// may be views of bytes that are reused.
public interface Arrival extends RequestView, FieldSource {
    @Override
    @Nullable
    CharSequence header(String lowerCaseName);

    Client client();

    /// Whether the peer's word is taken on the request's id.
    boolean fromTrustedPeer();

    /// Path and query as they came.
    CharSequence target();

    /// The announced length of the body; -1 when there is none, or it is chunked.
    long contentLength();

    /// Each line that would go on with the request, in order.
    void eachField(BiConsumer<String, String> nameAndValue);
}
