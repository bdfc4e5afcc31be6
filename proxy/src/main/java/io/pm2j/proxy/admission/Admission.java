package io.pm2j.proxy.admission;

import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.ClientKey;
import io.pm2j.config.spec.edge.LimitSpec;
import io.pm2j.config.spec.edge.LimitSpec.Rate;
import io.pm2j.config.spec.edge.PagesSpec;
import io.pm2j.config.spec.edge.PagesSpec.Maintenance;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.proxy.admission.Verdict.Answer;
import io.pm2j.proxy.admission.Verdict.Ask;
import io.pm2j.proxy.admission.Verdict.Pass;
import io.pm2j.proxy.client.IpAddress;
import io.pm2j.proxy.client.IpBlocks;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Whether the requests of a route may come in: one for each route, shared by all loops.
///
/// ```
/// maintenance -> deny, allow -> max_body -> max_connections, per ip -> rate_limit
///     -> CORS preflight -> basic_auth -> forward_auth -> Pass
/// ```
/// The cheapest come first, and those who are refused by one are not counted by the next. Each
/// step says its [Answer] and ends it; a place among the requests at once is given back with any
/// answer.
///
/// A request that passes allocates nothing, but for its ticket where requests at once are
/// counted, its id, its CORS fields where they name its origin, and what authentication needs.
public final class Admission {
    /// The route of an app that says nothing about the edge: everybody may come in.
    public static final Admission OPEN = open();

    private final boolean decides;
    private final Answers answers;
    private final Pages pages;
    private final boolean closed;
    private final IpBlocks closedBut;
    private final IpBlocks deny;
    private final IpBlocks allow;
    private final long most;
    private final @Nullable Crowd crowd;
    private final @Nullable RateLimit rate;
    private final String rateHeader;
    private final String ratePolicy;
    private final @Nullable Cors cors;
    private final @Nullable BasicGate basic;
    private final @Nullable ForwardGate forward;
    private final String idHeader;
    private final Set<String> droppedFromRequest;
    private final @Nullable Means means;
    /// The same for every request that passes without anything of its own.
    private final Pass plain;

    private Admission(PolicySpec policy, Pages pages, @Nullable Means means, @Nullable BasicGate basic) {
        this.pages = pages;
        this.means = means;
        this.basic = basic;
        answers = new Answers(policy, pages);
        closed = policy.pages().maintenance().isPresent();
        closedBut =
                IpBlocks.of(policy.pages().maintenance().map(Maintenance::allow).orElse(List.of()));
        deny = IpBlocks.of(policy.access().deny());
        allow = IpBlocks.of(policy.access().allow());
        LimitSpec limits = policy.limits();
        most = limits.body().orElse(Long.MAX_VALUE);
        crowd = Crowd.isLimited(limits) ? new Crowd(limits) : null;
        Rate spec = limits.rate().orElse(null);
        rate = spec == null || means == null
                ? null
                : new RateLimit(spec, means.nanoTime().getAsLong());
        rateHeader = spec != null && spec.key() instanceof ClientKey.Header header ? header.name() : "";
        ratePolicy = rate == null || spec == null ? "" : policyField(spec, rate);
        String header = policy.requestId().orElse("");
        idHeader = header;
        cors = policy.cors().map(Cors::new).orElse(null);
        forward = means == null
                ? null
                : policy.access()
                        .forward()
                        .map(auth -> new ForwardGate(auth, means.asking(), header, cors != null))
                        .orElse(null);
        droppedFromRequest = dropped(idHeader, forward);
        plain = cors == null ? Pass.PLAIN : new Pass("", cors.lines(null), "", "", Ticket.NONE);
        decides = closed
                || !deny.isEmpty()
                || !allow.isEmpty()
                || limits.body().isPresent()
                || crowd != null
                || rate != null
                || cors != null
                || basic != null
                || forward != null
                || !idHeader.isEmpty();
    }

    private static Admission open() {
        return new Admission(PolicySpec.DEFAULT, Pages.NONE, null, null);
    }

    /// Reads the files that the policy names.
    ///
    /// @throws InvalidConfig naming each file, and each line of it, that cannot be used
    public static Admission compile(PolicySpec policy, Means means) throws InvalidConfig {
        Pages pages = Pages.load(policy.pages());
        BasicGate basic = policy.access().basic().isPresent()
                ? new BasicGate(policy.access().basic().get(), means.passwords())
                : null;
        return new Admission(policy, pages, means, basic);
    }

    /// Lets nobody in but whom `how` allows.
    ///
    /// @throws InvalidConfig when the page that it names cannot be used
    public static Admission closed(Maintenance how) throws InvalidConfig {
        PolicySpec usual = PolicySpec.DEFAULT;
        PolicySpec policy = new PolicySpec(
                usual.path(),
                usual.requestHeaders(),
                usual.responseHeaders(),
                usual.timeouts(),
                usual.limits(),
                usual.access(),
                usual.cors(),
                usual.requestId(),
                new PagesSpec(Map.of(), Optional.of(how)),
                usual.balance(),
                usual.health(),
                usual.retries());
        return new Admission(policy, Pages.load(policy.pages()), null, null);
    }

    private static Set<String> dropped(String idHeader, @Nullable ForwardGate forward) {
        Set<String> names = new HashSet<>(forward == null ? Set.of() : forward.copied());
        if (!idHeader.isEmpty()) {
            names.add(idHeader.toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return Set.copyOf(names);
    }

    /// Names whose lines are not passed on as the client sent them, since they are set here: in
    /// lower case, with `-` for `_` as well, which programs cannot tell apart.
    public Set<String> droppedFromRequest() {
        return droppedFromRequest;
    }

    /// Names, in lower case, whose lines in the origin's response are the edge's alone.
    public Set<String> droppedFromResponse() {
        return cors == null ? Set.of() : Cors.FIELDS;
    }

    /// The most bytes a body may have; what has no announced length is to be counted.
    public long mostBodyBytes() {
        return most;
    }

    /// What the edge answers with instead of a sentence of its own.
    public Pages pages() {
        return pages;
    }

    /// Decides on a request, on its loop. Nothing of `arrival` is kept.
    public Verdict decide(Arrival arrival) {
        if (!decides) {
            return plain;
        }
        String id = idHeader.isEmpty() ? "" : id(arrival);
        String fields = cors == null ? "" : cors.lines(arrival.header("origin"));
        IpAddress address = arrival.client().address();
        if (closed && !closedBut.contains(address)) {
            return answers.maintenance.with(fields, id);
        }
        if (deny.contains(address) || !allow.isEmpty() && !allow.contains(address)) {
            return answers.denied.with(fields, id);
        }
        if (arrival.contentLength() > most) {
            return answers.tooLarge.with(fields, id);
        }
        Ticket ticket = Ticket.NONE;
        if (crowd != null) {
            if (!crowd.enterAll()) {
                return answers.tooMany.with(fields, id);
            }
            Ticket own = crowd.enter(address.network());
            if (own == null) {
                crowd.leaveAll();
                return answers.tooManyOfClient.with(fields, id);
            }
            ticket = own;
        }
        return counted(arrival, id, fields, ticket);
    }

    private Verdict counted(Arrival arrival, String id, String fields, Ticket ticket) {
        if (rate != null && means != null) {
            long wait = rate.take(client(arrival), means.nanoTime().getAsLong());
            if (wait > 0) {
                ticket.leave();
                return answers.tooFast.with(rateFields(wait) + fields, id);
            }
        }
        if (cors != null && cors.isPreflight(arrival)) {
            ticket.leave();
            return answers.preflight.with(cors.preflight(arrival), id);
        }
        return basic == null && forward == null
                ? pass(id, fields, ticket, "", "")
                : authenticated(arrival, new Entering(id, fields, ticket));
    }

    /// A request in front of the authentication, by itself.
    private record Entering(String id, String fields, Ticket ticket) {}

    private Verdict authenticated(Arrival arrival, Entering entering) {
        MultiMap question = forward == null ? null : forward.question(arrival, entering.id());
        if (basic == null) {
            return asked(question, entering, "");
        }
        return switch (basic.check(arrival.header("authorization"))) {
            case BasicGate.Outcome.Later later ->
                new Ask(later.outcome().thenCompose(outcome -> settled(known(outcome, question, entering))));
            case BasicGate.Outcome outcome -> known(outcome, question, entering);
        };
    }

    private Verdict known(BasicGate.Outcome outcome, @Nullable MultiMap question, Entering entering) {
        return switch (outcome) {
            case BasicGate.Outcome.Known known -> asked(question, entering, known.user());
            case BasicGate.Outcome.Unknown unknown -> refused(answers.notProven, entering);
            case BasicGate.Outcome.Busy busy -> refused(answers.passwordsBusy, entering);
            case BasicGate.Outcome.Later later ->
                throw new IllegalStateException("a later outcome that is later still");
        };
    }

    private Verdict asked(@Nullable MultiMap question, Entering entering, String user) {
        if (question == null || forward == null) {
            return pass(entering.id(), entering.fields(), entering.ticket(), user, "");
        }
        return new Ask(forward.ask(question).thenApply(outcome -> switch (outcome) {
            case ForwardGate.Outcome.Allowed allowed ->
                pass(entering.id(), entering.fields(), entering.ticket(), user, allowed.lines());
            case ForwardGate.Outcome.Failed failed -> refused(answers.notAsked(failed.status()), entering);
            case ForwardGate.Outcome.Answered said ->
                refused(
                        new Answer(said.status(), said.lines(), said.contentType(), said.body(), Cause.REFUSED, ""),
                        entering);
        }));
    }

    private static CompletionStage<Verdict> settled(Verdict verdict) {
        return verdict instanceof Ask ask ? ask.later() : CompletableFuture.completedStage(verdict);
    }

    private static Verdict refused(Answer answer, Entering entering) {
        entering.ticket().leave();
        return answer.with(entering.fields(), entering.id());
    }

    private Pass pass(String id, String fields, Ticket ticket, String user, String lines) {
        boolean own = !id.isEmpty() || ticket != Ticket.NONE || !user.isEmpty() || !lines.isEmpty();
        if (!own && fields.equals(plain.responseLines())) {
            return plain;
        }
        String more = id.isEmpty() ? lines : lines + idHeader + ": " + id + "\r\n";
        return new Pass(more, fields, user, id, ticket);
    }

    private String id(Arrival arrival) {
        CharSequence said = arrival.fromTrustedPeer() ? arrival.header(idHeader.toLowerCase(Locale.ROOT)) : null;
        return said != null && RequestIds.isWellFormed(said)
                ? said.toString()
                : RequestIds.fresh(
                        means == null
                                ? System.currentTimeMillis()
                                : means.clock().millis());
    }

    /// Without the header that tells clients apart, the address does.
    private long client(Arrival arrival) {
        CharSequence value = rateHeader.isEmpty() ? null : arrival.header(rateHeader);
        return value == null ? ClientHash.of(arrival.client().address().network()) : ClientHash.of(value);
    }

    /// `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers: `q` requests
    /// in `w` seconds; `r` are left, more in `t` seconds.
    private String rateFields(long waitNanos) {
        long seconds = Answers.seconds(waitNanos);
        return "Retry-After: " + seconds + "\r\n" + ratePolicy + "RateLimit: \"edge\";r=0;t=" + seconds + "\r\n";
    }

    private static String policyField(Rate spec, RateLimit rate) {
        return "RateLimit-Policy: \"edge\";q=" + spec.burst() + ";w=" + Answers.seconds(rate.fullNanos()) + "\r\n";
    }

    /// How many requests are inside now; counted only where the policy limits them.
    public int inside() {
        return crowd == null ? 0 : crowd.size();
    }
}
