package io.pm2j.proxy.upstream;

/// Has an opinion of one endpoint, and tells its upstream by [Upstream#eject] and [Upstream#well].
///
/// The first three are called with the upstream's lock held: they must not wait.
public interface Watch {
    /// Makes the watch of each new endpoint.
    @FunctionalInterface
    interface Maker {
        Watch of(Upstream upstream, Endpoint endpoint);
    }

    /// Nobody looks.
    Watch NONE = new Watch() {
        @Override
        public void admitted(UpstreamSpec spec) {}

        @Override
        public void leftOut() {}

        @Override
        public void failed() {}

        @Override
        public void succeeded() {}
    };

    /// It may be given requests; called again when the upstream is described anew.
    void admitted(UpstreamSpec spec);

    /// It gets no more requests.
    void leftOut();

    /// A request failed there. On an event loop.
    void failed();

    /// A request went well after one had failed. On an event loop.
    void succeeded();
}
