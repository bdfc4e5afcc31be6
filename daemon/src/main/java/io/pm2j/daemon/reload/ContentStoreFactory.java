package io.pm2j.daemon.reload;

import io.vertx.config.spi.ConfigStore;
import io.vertx.config.spi.ConfigStoreFactory;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/// How Vert.x Config finds [ContentStore]: named in `META-INF/services`.
public final class ContentStoreFactory implements ConfigStoreFactory {
    @Override
    public String name() {
        return ContentStore.TYPE;
    }

    @Override
    public ConfigStore create(Vertx vertx, JsonObject configuration) {
        return new ContentStore(vertx, configuration);
    }
}
