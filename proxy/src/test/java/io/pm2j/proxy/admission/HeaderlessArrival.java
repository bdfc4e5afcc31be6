package io.pm2j.proxy.admission;

import io.pm2j.proxy.client.Client;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A request without fields, that allocates nothing by itself.
record HeaderlessArrival(Arrival like) implements Arrival {
    @Override
    public @Nullable CharSequence header(String lowerCaseName) {
        return null;
    }

    @Override
    public Client client() {
        return like.client();
    }

    @Override
    public boolean fromTrustedPeer() {
        return false;
    }

    @Override
    public CharSequence target() {
        return like.target();
    }

    @Override
    public long contentLength() {
        return like.contentLength();
    }

    @Override
    public void eachField(BiConsumer<String, String> nameAndValue) {}

    @Override
    public CharSequence host() {
        return like.host();
    }

    @Override
    public CharSequence method() {
        return like.method();
    }

    @Override
    public CharSequence path() {
        return like.path();
    }

    @Override
    public @Nullable CharSequence query(String name) {
        return null;
    }
}
