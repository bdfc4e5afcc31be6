package io.pm2j.proxy.admission;

import io.pm2j.config.spec.edge.AccessSpec.BasicAuth;
import io.pm2j.config.spec.edge.PagesSpec;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.proxy.admission.Pages.Page;
import io.pm2j.proxy.admission.Verdict.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a route says when it lets nobody in: ready when the configuration is taken up.
final class Answers {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String SOON = "Retry-After: 1\r\n";
    private static final byte[] NOTHING = new byte[0];

    final Answer maintenance;
    final Answer denied;
    final Answer tooLarge;
    final Answer tooMany;
    final Answer tooManyOfClient;
    final Answer tooFast;
    final Answer preflight = new Answer(204, "", "", NOTHING, Cause.PREFLIGHT, "");
    final Answer notProven;
    final Answer passwordsBusy;
    private final Answer askedInVain;
    private final Answer askedTooLong;

    Answers(PolicySpec policy, Pages pages) {
        Optional<Duration> back = policy.pages().maintenance().flatMap(PagesSpec.Maintenance::retryAfter);
        String retry = back.map(after -> "Retry-After: " + seconds(after.toNanos()) + "\r\n")
                .orElse("");
        maintenance = of(503, retry, pages.maintenance(), "Closed for maintenance.", Cause.MAINTENANCE);
        denied = of(403, "", pages.page(403), "Not allowed from here.", Cause.DENIED);
        tooLarge = of(413, "", pages.page(413), "The request's body is too large.", Cause.TOO_LARGE);
        tooMany = of(503, SOON, pages.page(503), "Too many requests at once.", Cause.TOO_MANY);
        tooManyOfClient =
                of(429, SOON, pages.page(429), "Too many requests at once from here.", Cause.TOO_MANY_OF_CLIENT);
        tooFast = of(429, "", pages.page(429), "Too many requests.", Cause.RATE);
        String realm = policy.access().basic().map(BasicAuth::realm).orElse("");
        String challenge = "WWW-Authenticate: Basic realm=\"" + realm + "\", charset=\"UTF-8\"\r\n";
        notProven = of(401, challenge, pages.page(401), "A name and a password are needed.", Cause.NOT_PROVEN);
        passwordsBusy = of(503, SOON, pages.page(503), "Too many log in at once.", Cause.PASSWORDS_BUSY);
        askedInVain = of(502, "", pages.page(502), "It cannot be found out who you are.", Cause.ASKED_IN_VAIN);
        askedTooLong = of(504, "", pages.page(504), "It takes too long to find out who you are.", Cause.ASKED_IN_VAIN);
    }

    private static Answer of(int status, String lines, @Nullable Page page, String sentence, Cause cause) {
        return page == null
                ? new Answer(status, lines, TEXT, (sentence + "\n").getBytes(StandardCharsets.UTF_8), cause, "")
                : new Answer(status, lines, page.contentType(), page.body(), cause, "");
    }

    Answer notAsked(int status) {
        return status == 504 ? askedTooLong : askedInVain;
    }

    /// Whole seconds, rounded up: a client that comes back then must not be early.
    static long seconds(long nanos) {
        return Math.max(1, (nanos + 999_999_999) / 1_000_000_000);
    }
}
