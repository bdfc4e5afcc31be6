package io.pm2j.daemon.site;

import io.pm2j.config.Address;
import io.pm2j.daemon.traffic.PortHolder;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.forward.Target;
import io.pm2j.proxy.listen.ListenFailed;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Standing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.UnaryOperator;

/// The static sites. PM2: `serve` starts a process named `static-page-server-PORT`; here the edge serves the
/// files, and the site shows in `ls` with the daemon's pid.
public final class Sites {
    private final Proxy proxy;
    private final IntSupplier pmIds;
    private final SiteJournal journal;
    private final Map<Integer, Site> sites = new TreeMap<>();

    public Sites(Proxy proxy, SiteJournal journal, IntSupplier pmIds) {
        this.proxy = proxy;
        this.journal = journal;
        this.pmIds = pmIds;
    }

    /// Serves again what a former daemon did. What cannot be is listed as stopped, and told to `problems`.
    public synchronized void revive(Consumer<String> problems) throws InterruptedException {
        for (Site site : journal.read(problems)) {
            sites.put(site.pmId(), site);
            if (site.startedAtMillis() != 0) {
                boolean _ = reopen(site, problems);
            }
        }
    }

    private boolean reopen(Site site, Consumer<String> problems) throws InterruptedException {
        try {
            sites.put(site.pmId(), site.opened(listen(site)));
            return true;
        } catch (IOException e) {
            problems.accept(site.name() + ": " + e.getMessage());
            return false;
        }
    }

    /// Writes down what there is, for [#resurrect].
    public synchronized void save(SiteJournal dump) {
        dump.write(sites.values());
    }

    /// Lists what was saved and is not in the list, and serves what was served.
    ///
    /// @return whether all of it is as it was
    public synchronized boolean resurrect(SiteJournal dump, Consumer<String> problems) throws InterruptedException {
        boolean good = true;
        for (Site saved : dump.read(problems)) {
            if (!knows(saved.name())) {
                Site site = saved.numbered(pmIds.getAsInt());
                sites.put(site.pmId(), site);
                good &= saved.startedAtMillis() == 0 || reopen(site, problems);
            }
        }
        keep();
        return good;
    }

    /// Serves `root` on `port` of every interface.
    ///
    /// @throws IOException when the folder or the port cannot be had; the message is a whole sentence
    public synchronized void serve(Path root, int port, String name, boolean spa)
            throws IOException, InterruptedException {
        Site wanted = new Site(-1, name, root, port, spa, Optional.empty(), 0, 0, System.currentTimeMillis());
        Listener listener = listen(wanted);
        int pmId = pmIds.getAsInt();
        sites.put(
                pmId,
                new Site(pmId, name, root, port, spa, Optional.empty(), 0, 0, wanted.createdAtMillis())
                        .opened(listener));
        keep();
    }

    public synchronized boolean knows(String name) {
        return sites.values().stream().anyMatch(site -> site.name().equals(name));
    }

    public synchronized void stop(int pmId) {
        close(pmId);
        keep();
    }

    private void close(int pmId) {
        change(pmId, site -> {
            site.listener().ifPresent(Listener::close);
            return site.closed();
        });
    }

    /// Opens a stopped site again, or reads a running one's folder anew.
    public synchronized void restart(int pmId) throws IOException, InterruptedException {
        close(pmId);
        Site site = sites.get(pmId);
        if (site != null) {
            sites.put(pmId, site.opened(listen(site)).restarted());
        }
        keep();
    }

    public synchronized void delete(int pmId) {
        close(pmId);
        sites.remove(pmId);
        keep();
    }

    /// Forgets every site; their listeners end with the edge.
    public synchronized void forgetAll() {
        sites.clear();
        keep();
    }

    private void keep() {
        journal.write(sites.values());
    }

    public synchronized List<ProcessView> views() {
        return sites.values().stream().map(Sites::view).toList();
    }

    private void change(int pmId, UnaryOperator<Site> how) {
        sites.computeIfPresent(pmId, (_, site) -> how.apply(site));
    }

    private Listener listen(Site site) throws IOException, InterruptedException {
        StaticSite files = StaticSite.open(site.root(), SiteOptions.defaults().withSpa(site.spa()));
        Address address = Address.anyInterface(site.port());
        try {
            return proxy.listen(address, new Target.Site(files));
        } catch (ListenFailed e) {
            throw new IOException(PortHolder.explain(address, e.errno()), e);
        }
    }

    private static ProcessView view(Site site) {
        return new ProcessView(
                site.pmId(),
                site.name(),
                "default",
                "N/A",
                "static",
                site.online() ? (int) ProcessHandle.current().pid() : 0,
                site.online() ? "online" : "stopped",
                site.restarts(),
                0,
                site.startedAtMillis(),
                site.createdAtMillis(),
                0,
                0,
                System.getProperty("user.name", ""),
                false,
                true,
                1,
                0,
                0,
                site.root().toString(),
                site.spa() ? List.of("--spa") : List.of(),
                site.root().toString(),
                "edge",
                List.of(),
                "",
                "/dev/null",
                "/dev/null",
                "",
                OptionalInt.empty(),
                "",
                "",
                "",
                site.listener().map(l -> List.of(l.address().toString())).orElse(List.of()),
                0,
                0,
                false,
                Map.of(),
                Standing.NONE);
    }
}
