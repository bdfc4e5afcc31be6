package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.EcosystemReader.ReadApps;
import io.pm2j.config.spec.edge.AccessSpec;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.ClientKey;
import io.pm2j.config.spec.edge.EdgeFeature;
import io.pm2j.config.spec.edge.EdgeSpec;
import io.pm2j.config.spec.edge.HealthSpec;
import io.pm2j.config.spec.edge.HostPattern;
import io.pm2j.config.spec.edge.LimitSpec;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.config.spec.edge.PathStep;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.config.spec.edge.RegexText;
import io.pm2j.config.spec.edge.RetrySpec;
import io.pm2j.config.spec.edge.RouteSpec;
import io.pm2j.config.spec.edge.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a file asks of the edge, and what is said of it when it is wrong.
class EdgeReaderTest {
    @TempDir
    Path root;

    private Ground ground;

    @BeforeEach
    void enter() throws Exception {
        ground = Ground.withNode(root);
    }

    private ReadApps read(String text) throws Exception {
        return read(text, EnumSet.allOf(EdgeFeature.class), Set.of());
    }

    private ReadApps read(String text, Set<EdgeFeature> supported, Set<String> unchosen) throws Exception {
        ground.file("apps.json", text);
        return EcosystemReader.read(
                Path.of("apps.json"),
                ground.caller(),
                name -> !unchosen.contains(name),
                AppOptions.none("command line", ""),
                supported);
    }

    private EdgeSpec edge(String text) throws Exception {
        return read(text).edge();
    }

    /// The only route of an app `web` whose edge is `edge`.
    private RouteSpec route(String edge) throws Exception {
        EdgeSpec spec = edge("{apps: [{name: 'web', script: 'app.js', edge: " + edge + "}]}");
        assertThat(spec.routes()).hasSize(1);
        return spec.routes().getFirst();
    }

    private void refused(String text, String... problems) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOfSatisfying(
                        InvalidConfig.class,
                        e -> assertThat(e.problems())
                                .extracting(Object::toString)
                                .containsExactly(problems));
    }

    private void refusedInApp(String edge, String problem) {
        assertThatThrownBy(() -> route(edge))
                .isInstanceOfSatisfying(
                        InvalidConfig.class,
                        e -> assertThat(e.problems())
                                .extracting(one -> one.path() + ": " + one.sentence())
                                .containsExactly(problem));
    }

    private static MatchSpec host(String host) {
        return MatchSpec.ALL.withHosts(List.of(HostPattern.parse(host)));
    }

    @Nested
    class InShort {
        @Test
        void nothingIsTheDefault() throws Exception {
            assertThat(edge("[{script: 'app.js'}]")).isEqualTo(EdgeSpec.NONE);
            assertThat(read("[{script: 'app.js'}]").edgeText().spec()).isEqualTo(EdgeSpec.NONE);
            assertThat(edge("{apps: [{script: 'app.js', edge: false}], edge: null}"))
                    .isEqualTo(EdgeSpec.NONE);
        }

        @Test
        void aTextIsAHostAndItsPathAtTheUsualPort() throws Exception {
            EdgeSpec spec = edge("[{name: 'web', script: 'app.js', edge: '*.Example.com/api/'}]");

            assertThat(spec)
                    .isEqualTo(new EdgeSpec(
                            List.of(ListenerSpec.http(Address.anyInterface(80))),
                            List.of(new RouteSpec(
                                    "*.example.com/api",
                                    List.of(Address.anyInterface(80)),
                                    host("*.example.com").withPath(new PathMatch.Prefix("/api")),
                                    new ActionSpec.ToApp(new AppName("web")),
                                    PolicySpec.DEFAULT)),
                            List.of(),
                            Optional.empty()));
        }

        @Test
        void aNumberIsAPortOfItsOwn() throws Exception {
            EdgeSpec spec =
                    edge("[{name: 'a', script: 'app.js', edge: 8080}, {name: 'b', script: 'app.js', edge: '/b'}]");

            assertThat(spec.listeners())
                    .extracting(ListenerSpec::address)
                    .containsExactly(Address.anyInterface(8080), Address.anyInterface(80));
            assertThat(spec.routesAt(Address.anyInterface(8080)))
                    .extracting(RouteSpec::action)
                    .containsExactly(new ActionSpec.ToApp(new AppName("a")));
        }

        @Test
        void severalRoutesStandInAnArray() throws Exception {
            EdgeSpec spec = edge("[{script: 'app.js', edge: ['a.test', {host: 'b.test'}, ':81', '/x']}]");

            assertThat(spec.routes()).extracting(RouteSpec::name).containsExactly("a.test/", "b.test/", "/", "/x");
        }

        @Test
        void atTheTopOneAppIsMeantWithoutBeingNamed() throws Exception {
            assertThat(edge("{apps: [{name: 'web', script: 'app.js'}], edge: 'a.test'}")
                            .routes())
                    .extracting(RouteSpec::action)
                    .containsExactly(new ActionSpec.ToApp(new AppName("web")));
        }

        @Test
        void camelCaseIsTheSame() throws Exception {
            assertThat(route("{stripPrefix: '/a', maxBody: 5}")).isEqualTo(route("{strip_prefix: '/a', max_body: 5}"));
        }

        @Test
        void appsThatAreNotChosenKeepTheirRoutes() throws Exception {
            String text =
                    "[{name: 'a', script: 'app.js', edge: 'a.test'}, {name: 'b', script: 'gone.js', edge: 'b.test'}]";

            ReadApps read = read(text, EnumSet.allOf(EdgeFeature.class), Set.of("b"));

            assertThat(read.apps()).hasSize(1);
            assertThat(read.edge().routes()).extracting(RouteSpec::name).containsExactly("a.test/", "b.test/");
        }
    }

    @Nested
    class InFull {
        @Test
        void aMatchIsReadWhole() throws Exception {
            MatchSpec match = route("""
                    {methods: ['get', 'HEAD'], hosts: ['a.test', '*.b.test'],
                     match: {path: {regex: '/v[0-9]'}, header: {'X-A': 1, 'x-b': true, 'x-c': false, 'x-d': {regex: 'a+'}},
                             query: {q: ''}}}""").match();

            assertThat(match.hosts()).hasToString("[a.test, *.b.test]");
            assertThat(match.path()).isEqualTo(new PathMatch.Regex(new RegexText("/v[0-9]")));
            assertThat(match.methods()).containsExactly("GET", "HEAD");
            assertThat(match.headers()).extracting(field -> field.name()).containsExactly("x-a", "x-b", "x-c", "x-d");
            assertThat(match.query()).hasSize(1);
        }

        @Test
        void pathsAreChangedInOneOrder() throws Exception {
            assertThat(route("{add_prefix: '/v2', rewrite: '/x{path}', strip_prefix: true, path: '/api'}")
                            .policy()
                            .path())
                    .containsExactly(
                            new PathStep.StripPrefix(new PathMatch.Prefix("/api")),
                            new PathStep.Fixed(Template.parse("/x{path}")),
                            new PathStep.AddPrefix(new PathMatch.Prefix("/v2")));
        }

        @Test
        void everyPolicyIsMapped() throws Exception {
            PolicySpec policy = route("""
                    {timeouts: {connect: 1, head: '2s', idle: '3m', total: '4h', body_rate: '1K'},
                     max_body: '10M', max_connections: 5, max_connections_per_ip: 6,
                     rate_limit: {rate: '60/m', burst: 7, key: 'header:X-Key'},
                     allow: '10.0.0.0/8', deny: ['10.0.0.1', '::1'],
                     basic_auth: {realm: 'r', users: {ann: '$sha256$saltsalt$%s'}, file: 'users'},
                     forward_auth: {url: 'http://127.0.0.1:1/check?x', headers: ['X-User'], timeout: '1s'},
                     cors: {origins: 'https://a.test', credentials: true}, request_id: true,
                     error_pages: {'404': 'a.html', '5xx': 'b.html'}, maintenance: {page: 'm.html', retry_after: '1m'},
                     balance: 'hash:cookie:sid', sticky: {cookie: 'c', max_age: '1h'}, slow_start: '30s', max_in_flight: 9,
                     health: {path: '/h', interval: '1s', status: 204}, retries: {tries: 1, on: 'connect', unsafe: true}}
                    """.formatted("ab".repeat(32))).policy();

            assertThat(policy.timeouts().total()).isEqualTo(Duration.ofHours(4));
            assertThat(policy.timeouts().bodyRate()).isEqualTo(1024);
            assertThat(policy.limits())
                    .isEqualTo(new LimitSpec(
                            OptionalLong.of(10L << 20),
                            OptionalInt.of(5),
                            OptionalInt.of(6),
                            Optional.of(
                                    new LimitSpec.Rate(60, Duration.ofMinutes(1), 7, new ClientKey.Header("x-key")))));
            assertThat(policy.access().allow()).containsExactly(Cidr.parse("10.0.0.0/8"));
            assertThat(policy.access().deny()).hasSize(2);
            assertThat(policy.access().basic().orElseThrow().users())
                    .isEqualTo(Map.of("ann", new AccessSpec.Password.Sha256("saltsalt", "ab".repeat(32))));
            assertThat(policy.access().forward().orElseThrow().path()).isEqualTo("/check?x");
            assertThat(policy.cors().orElseThrow().credentials()).isTrue();
            assertThat(policy.requestId()).contains("x-request-id");
            assertThat(policy.pages().page(404)).contains(ground.folder.resolve("a.html"));
            assertThat(policy.pages().page(502)).contains(ground.folder.resolve("b.html"));
            assertThat(policy.pages().page(403)).isEmpty();
            assertThat(policy.balance())
                    .isEqualTo(new BalanceSpec(
                            new BalanceSpec.Policy.Hash(new ClientKey.Cookie("sid")),
                            Optional.of(new BalanceSpec.Sticky("c", Optional.of(Duration.ofHours(1)))),
                            Duration.ofSeconds(30),
                            OptionalInt.of(9)));
            assertThat(policy.health())
                    .contains(new HealthSpec("/h", Duration.ofSeconds(1), Duration.ofSeconds(1), 2, 3, 204, 204));
            assertThat(policy.retries()).isEqualTo(new RetrySpec(1, EnumSet.of(RetrySpec.Cause.CONNECT), true));
        }

        @Test
        void defaultsHoldUntilARouteSaysOtherwise() throws Exception {
            EdgeSpec spec = edge("""
                    {apps: [{name: 'a', script: 'app.js', edge: ['a.test', {host: 'b.test', max_body: 1, cors: false}]}],
                     edge: {defaults: {max_body: '1K', cors: true, retries: 0}}}""");

            PolicySpec a = spec.routes().getFirst().policy();
            PolicySpec b = spec.routes().getLast().policy();
            assertThat(a.limits().body()).hasValue(1024);
            assertThat(b.limits().body()).hasValue(1);
            assertThat(a.cors()).isPresent();
            assertThat(b.cors()).isEmpty();
            assertThat(b.retries().tries()).isZero();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "{redirect: 'https'} | Redirect[status=302, scheme=Optional[https], host=Optional.empty, port=OptionalInt.empty, path=Optional.empty, query=true]",
                    "{redirect: {to: '/new', status: 301}} | Redirect[status=301, scheme=Optional.empty, host=Optional.empty, port=OptionalInt.empty, path=Optional[/new], query=false]",
                    "{upstream: 'http://[::1]:9000'} | ToOrigins[origins=[OriginSpec[address=[::1]:9000, tls=false, weight=1]]]",
                    "{upstream: ['https://a.test', {address: 'unix:/s', weight: 3}]} | ToOrigins[origins=[OriginSpec[address=a.test:443, tls=true, weight=1], OriginSpec[address=unix:/s, tls=false, weight=3]]]",
                    "{respond: 204} | Respond[status=204, contentType=text/plain; charset=utf-8, body=]",
                    "{respond: 'ok'} | Respond[status=200, contentType=text/plain; charset=utf-8, body=ok]",
                    "{static: '/srv/www'} | StaticFolder[folder=/srv/www, spa=false, index=[index.html]]",
                    "{app: 'web'} | ToApp[app=web]",
                })
        void actionsAreRead(String edge, String action) throws Exception {
            assertThat(route(edge).action()).hasToString(action);
        }

        @Test
        void whatStandsOnlyBesideTheFileIsMeantFromThere() throws Exception {
            ground.file("shop/public/index.html", "");
            ground.file("shop/apps.json", "[{script: 'app.js', edge: {static: 'public'}}]");

            EdgeSpec spec = EcosystemReader.read(
                            Path.of("shop/apps.json"),
                            ground.caller(),
                            _ -> true,
                            AppOptions.none("command line", ""),
                            EnumSet.allOf(EdgeFeature.class))
                    .edge();

            assertThat(spec.routes().getFirst().action())
                    .isEqualTo(new ActionSpec.StaticFolder(
                            ground.folder.resolve("shop/public"), false, ActionSpec.StaticFolder.INDEX));
        }

        @Test
        void aPlainPasswordIsTakenWithAWarningThatDoesNotShowIt() throws Exception {
            ReadApps read = read("[{script: 'app.js', edge: {basic_auth: {users: {ann: 'hunter2'}}}}]");

            assertThat(read.warnings())
                    .singleElement()
                    .satisfies(warning -> assertThat(warning.toString())
                            .startsWith("apps.json:1:54: [0].edge.basic_auth.users.ann: the password stands there")
                            .doesNotContain("hunter2"));
            assertThat(read.edge().toString()).doesNotContain("hunter2");
        }
    }

    @Nested
    class WhenWrong {
        @Test
        void everyProblemIsSaidAtOnceWithItsPlace() {
            refused(
                    """
                    { "apps": [{ "name": "api", "script": "app.js", "edge": { "hots": "a.test", "path": "/q" } }],
                      "edge": {
                        "listeners": [80, "host", { "address": ":80" }],
                        "routes": [
                          { "path": "api", "app": "api" },
                          { "path": "/x", "app": "apl" },
                          { "match": { "path": { "regex": "(" } }, "app": "api" },
                          { "path": "/y" , "timeout": 5 },
                          { "path": "/z", "redirect": "https", "respond": 200 }
                        ] } }
                    """,
                    "apps.json:3:23: edge.listeners[1]: 'host' (expected: a port too, as host:port)",
                    "apps.json:5:17: edge.routes[0].path: 'api' (expected: a path, that begins with a slash)",
                    "apps.json:6:30: edge.routes[1].app: no app 'apl' is in the file (did you mean 'api'?)",
                    "apps.json:7:39: edge.routes[2].match.path.regex: '(': missing closing ) (expected: a regular expression as RE2 takes)",
                    "apps.json:8:24: edge.routes[3]: unknown key 'timeout' (did you mean 'timeouts'?)",
                    "apps.json:9:55: edge.routes[4].respond: beside redirect (expected: one of the two)",
                    "apps.json:1:59: apps[0].edge: unknown key 'hots' (did you mean 'host'?)",
                    "apps.json:3:31: edge.listeners[2]: [::]:80 is already opened by edge.listeners[0] in line 3 (expected: one listener at an address)");
        }

        @Test
        void twoRoutesForTheSameRequestsAreRefused() {
            refused(
                    """
                    [{ "name": "a", "script": "app.js", "edge": { "hosts": ["a.test", "b.test"], "path": "/x" } },
                     { "name": "b", "script": "app.js", "edge": ["B.test/x/", "a.test"] }]
                    """,
                    "apps.json:2:46: [1].edge[0]: takes the same requests as [0].edge in line 1"
                            + " (expected: another host, path, method, header or query)");
        }

        @Test
        void atDifferentListenersTwoRoutesMayBeTheSame() throws Exception {
            assertThat(edge("[{script: 'app.js', edge: [81, 82, '/']}]").routes())
                    .extracting(RouteSpec::name)
                    .containsExactly("/", "/ #2", "/ #3");
        }

        @Test
        void aNameIsGivenOnce() {
            refused(
                    "[{script: 'app.js', edge: [{name: 'x', path: '/a'}, {name: 'x', path: '/b'}]}]",
                    "apps.json:1:53: [0].edge[1]: the name 'x' is already used (expected: one route of a name)");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "true | apps[0].edge: true (expected: a host such as example.com, a path such as /api, a port, or an object)",
                    "'http://a.test' | apps[0].edge: 'http://a.test' (expected: the host without its scheme)",
                    "'a.*.test' | apps[0].edge: 'a.*.test' (expected: a * only as the whole first label, as *.example.com)",
                    "{host: 'a.test:80'} | apps[0].edge.host: 'a.test:80' (expected: a host without a port; listen says the port)",
                    "{path: '/a/*'} | apps[0].edge.path: '/a/*' (expected: a path without *; /api takes all below it too, and regex is for the rest)",
                    "{path: '/a/../b'} | apps[0].edge.path: '/a/../b' (expected: no . or .. segment; such requests are refused before matching)",
                    "{path: {exact: '/a', regex: '/b'}} | apps[0].edge.path: 2 kinds of path (expected: exact, prefix or regex)",
                    "{path: '/a', match: {path: '/b'}} | apps[0].edge.match.path: stands beside match too (expected: one of the two)",
                    "{host: 'a.test', hosts: ['b.test']} | apps[0].edge.hosts: means the same as 'host', which is here too (expected: one)",
                    "{method: 'GE T('} | apps[0].edge.method: 'T(' (expected: a method such as GET)",
                    "{listen: 'nowhere'} | apps[0].edge.listen: 'nowhere' (expected: a port too, as host:port)",
                    "{strip_prefix: true} | apps[0].edge.strip_prefix: true (expected: the prefix itself; the route has no path prefix to take away)",
                    "{rewrite: {regex: '/(.)', to: '/{2}'}} | apps[0].edge.rewrite: '/{2}' (expected: no group above {1}, the last of /(.))",
                    "{rewrite: '/{nme}'} | apps[0].edge.rewrite: {nme} (expected: a digit, or one of client_ip, host, method, path, port, query, request_id, scheme, uri)",
                    "{request_headers: {set: {'Content-Length': 5}}} | apps[0].edge.request_headers: 'Content-Length' (expected: a header that belongs to the message, not the hop)",
                    "{rate_limit: 'fast'} | apps[0].edge.rate_limit: 'fast' (expected: a rate such as 10/s, 100/m or 1000/h)",
                    "{allow: ['10.0.0.1/8']} | apps[0].edge.allow[0]: '10.0.0.1/8' (expected: no bits set below /8; a single address has no slash)",
                    "{cors: {origins: '*', credentials: true}} | apps[0].edge.cors: credentials for any origin (expected: the origins by name, or every page of the web acts for the user)",
                    "{basic_auth: {users: {a: '$apr1$x$y'}}} | apps[0].edge.basic_auth.users.a: an unknown kind of hash (expected: bcrypt ($2b$...) or $sha256$SALT$HEX)",
                    "{balance: 'rund_robin'} | apps[0].edge.balance: 'rund_robin' (expected: round_robin, weighted, least, p2c, random, or hash by ip, path, header:NAME or cookie:NAME, such as hash:ip)",
                    "{upstream: 'http://a.test/path'} | apps[0].edge.upstream: 'http://a.test/path' (expected: http://host:port without path or user; rewrite says the path)",
                    "{upstream: []} | apps[0].edge.upstream: no origin (expected: at least one)",
                    "{redirect: {}} | apps[0].edge.redirect: goes nowhere (expected: to, or scheme, host, port or path)",
                    "{redirect: '/a/{1}'} | apps[0].edge: {1} in a redirect (expected: a group of the route's path regex)",
                    "{health: {path: '/', timeout: '9s'}} | apps[0].edge.health: timeout PT9S (expected: no longer than the interval PT5S)",
                    "{health: {path: 'x'}} | apps[0].edge.health: 'x' (expected: a path, that begins with a slash)",
                    "{error_pages: {200: 'x'}} | apps[0].edge.error_pages: '200' (expected: a status such as 404, 4xx or 5xx)",
                    "{retries: 11} | apps[0].edge.retries: 11 (expected: a whole number from 0 to 10)",
                    "{timeouts: {head: 'soon'}} | apps[0].edge.timeouts.head: 'soon' (expected: milliseconds, or a duration such as 500ms, 5s, 2m or 1h)",
                    "{respond: 199} | apps[0].edge.respond: 199 (expected: a whole number from 200 to 599)",
                    "{name: '\"'} | apps[0].edge: '\"' (expected: a name without quotes and control characters)",
                })
        void aWrongValueIsNamedWithWhatIsExpected(String edge, String problem) {
            refusedInApp(edge, problem);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "{listeners: [{address: 1, protocol: 'tcp'}]} | nowhere to go (expected: app or upstream, where the bytes of a tcp or udp listener go)",
                    "{listeners: [{address: 1, app: 'web'}]} | an http listener with a target (expected: routes that say where requests go)",
                    "{listeners: [{address: 1, protocol: 'udp', app: 'web', send_proxy: 'v2'}]} | send_proxy with udp (expected: http or tcp)",
                    "{listeners: [{address: 1, protocol: 'quic'}]} | 'quic' (expected: http, tcp, udp)",
                    "{listeners: [{address: 1, protocol: 'tcp', app: 'web'}], routes: [{listen: 1}]} | [::]:1 is no http listener (expected: one)",
                    "{listeners: [{protocol: 'http'}]} | address is missing (expected: a port, host:port, or unix:/path)",
                    "{listeners: [70000]} | '70000' (expected: a port from 0 to 65535)",
                    "{trusted_proxies: ['proxy.test']} | 'proxy.test' (expected: an address or a block such as 10.0.0.0/8)",
                    "{access_log: {fields: ['colour']}} | 'colour' (expected: time, client_ip, method, host, path, query, protocol, status, bytes_in, bytes_out, duration_ms, connect_ms, head_ms, route, app, endpoint, retries, referer, user_agent, user, request_id, cause)",
                    "{defaults: {max_bodi: 1}, routes: []} | unknown key 'max_bodi' (did you mean 'max_body'?)",
                })
        void theTopIsCheckedToo(String edge, String sentence) {
            assertThatThrownBy(() -> edge("{apps: [{name: 'web', script: 'app.js'}], edge: " + edge + "}"))
                    .isInstanceOfSatisfying(
                            InvalidConfig.class,
                            e -> assertThat(e.problems())
                                    .extracting(one -> one.sentence())
                                    .containsExactly(sentence));
        }

        @Test
        void aRouteWithoutAnAppLeadsNowhereWhereThereAreTwo() {
            refused(
                    "{apps: [{name: 'a', script: 'app.js'}, {name: 'b', script: 'app.js'}], edge: [{path: '/x'}]}",
                    "apps.json:1:79: edge[0]: leads nowhere (expected: app, static, redirect, upstream or respond)");
        }

        @Test
        void whatIsNotBuiltIsRefusedByItsName() {
            assertThatThrownBy(() -> read(
                            "[{script: 'app.js', edge: {host: 'a.test', rate_limit: '1/s', cors: false,\n"
                                    + "  upstream: 'https://b.test'}}]",
                            EnumSet.of(EdgeFeature.ROUTES, EdgeFeature.ORIGINS),
                            Set.of()))
                    .hasMessage("""
                            apps.json:2:13: [0].edge.upstream: upstream over https is not supported yet
                            apps.json:1:56: [0].edge.rate_limit: rate_limit is not supported yet""");
        }
    }
}
