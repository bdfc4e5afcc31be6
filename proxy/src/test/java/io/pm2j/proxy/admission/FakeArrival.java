package io.pm2j.proxy.admission;

import io.pm2j.proxy.client.Client;
import io.pm2j.proxy.client.IpAddress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A request written down.
final class FakeArrival implements Arrival {
    private final Map<String, String> fields = new LinkedHashMap<>();
    private final Client client;
    private String method = "GET";
    private boolean trusted;
    private long length = -1;

    private FakeArrival(Client client) {
        this.client = client;
    }

    static FakeArrival from(String ip) {
        IpAddress address = ip.isEmpty() ? IpAddress.NONE : Objects.requireNonNull(IpAddress.parse(ip));
        return new FakeArrival(new Client(address, ip, "http", "", 8080));
    }

    static FakeArrival here() {
        return from("192.0.2.1");
    }

    FakeArrival method(String name) {
        method = name;
        return this;
    }

    FakeArrival field(String name, String value) {
        fields.put(name, value);
        return this;
    }

    FakeArrival trusted() {
        trusted = true;
        return this;
    }

    FakeArrival length(long bytes) {
        length = bytes;
        return this;
    }

    @Override
    public Client client() {
        return client;
    }

    @Override
    public boolean fromTrustedPeer() {
        return trusted;
    }

    @Override
    public CharSequence host() {
        return "app.example";
    }

    @Override
    public CharSequence method() {
        return method;
    }

    @Override
    public CharSequence path() {
        return "/a";
    }

    @Override
    public CharSequence target() {
        return "/a?b=c";
    }

    @Override
    public long contentLength() {
        return length;
    }

    @Override
    public @Nullable CharSequence header(String lowerCaseName) {
        for (Map.Entry<String, String> field : fields.entrySet()) {
            if (field.getKey().equalsIgnoreCase(lowerCaseName)) {
                return field.getValue();
            }
        }
        return null;
    }

    @Override
    public @Nullable CharSequence query(String name) {
        return name.toLowerCase(Locale.ROOT).equals("b") ? "c" : null;
    }

    @Override
    public void eachField(BiConsumer<String, String> nameAndValue) {
        fields.forEach(nameAndValue);
    }
}
