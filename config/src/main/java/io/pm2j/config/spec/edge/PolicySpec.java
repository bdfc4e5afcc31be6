package io.pm2j.config.spec.edge;

import java.util.List;
import java.util.Optional;

/// How the requests of a route are treated on their way.
///
/// @param path what becomes of the path, in this order
/// @param requestId the header that carries each request's id, when it is to have one
public record PolicySpec(
        List<PathStep> path,
        HeaderRules requestHeaders,
        HeaderRules responseHeaders,
        TimeoutSpec timeouts,
        LimitSpec limits,
        AccessSpec access,
        Optional<CorsSpec> cors,
        Optional<String> requestId,
        PagesSpec pages,
        BalanceSpec balance,
        Optional<HealthSpec> health,
        RetrySpec retries) {
    /// The behaviour of an app that says nothing about the edge.
    public static final PolicySpec DEFAULT = new PolicySpec(
            List.of(),
            HeaderRules.NONE,
            HeaderRules.NONE,
            TimeoutSpec.DEFAULT,
            LimitSpec.NONE,
            AccessSpec.OPEN,
            Optional.empty(),
            Optional.empty(),
            PagesSpec.NONE,
            BalanceSpec.DEFAULT,
            Optional.empty(),
            RetrySpec.DEFAULT);

    public PolicySpec {
        path = List.copyOf(path);
        requestId.ifPresent(name -> Rules.require(Rules.token(name), Rules.quoted(name), "the name of a header"));
    }
}
