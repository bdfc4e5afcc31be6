package io.pm2j.proxy.admission;

import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.AccessSpec;
import io.pm2j.config.spec.edge.AccessSpec.BasicAuth;
import io.pm2j.config.spec.edge.AccessSpec.ForwardAuth;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.CorsSpec;
import io.pm2j.config.spec.edge.LimitSpec;
import io.pm2j.config.spec.edge.LimitSpec.Rate;
import io.pm2j.config.spec.edge.PagesSpec;
import io.pm2j.config.spec.edge.PolicySpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// Policies that differ in one thing from the default.
final class Policies {
    LimitSpec limits = LimitSpec.NONE;
    AccessSpec access = AccessSpec.OPEN;
    PagesSpec pages = PagesSpec.NONE;
    Optional<CorsSpec> cors = Optional.empty();
    Optional<String> requestId = Optional.empty();

    static Policies policy() {
        return new Policies();
    }

    static List<Cidr> blocks(String... texts) {
        return Stream.of(texts).map(Cidr::parse).toList();
    }

    Policies body(long most) {
        limits = new LimitSpec(OptionalLong.of(most), limits.connections(), limits.perClient(), limits.rate());
        return this;
    }

    Policies connections(int most) {
        limits = new LimitSpec(limits.body(), OptionalInt.of(most), limits.perClient(), limits.rate());
        return this;
    }

    Policies perClient(int most) {
        limits = new LimitSpec(limits.body(), limits.connections(), OptionalInt.of(most), limits.rate());
        return this;
    }

    Policies rate(Rate rate) {
        limits = new LimitSpec(limits.body(), limits.connections(), limits.perClient(), Optional.of(rate));
        return this;
    }

    Policies allow(String... texts) {
        access = new AccessSpec(blocks(texts), access.deny(), access.basic(), access.forward());
        return this;
    }

    Policies deny(String... texts) {
        access = new AccessSpec(access.allow(), blocks(texts), access.basic(), access.forward());
        return this;
    }

    Policies basic(BasicAuth basic) {
        access = new AccessSpec(access.allow(), access.deny(), Optional.of(basic), access.forward());
        return this;
    }

    Policies forward(ForwardAuth forward) {
        access = new AccessSpec(access.allow(), access.deny(), access.basic(), Optional.of(forward));
        return this;
    }

    Policies cors(CorsSpec spec) {
        cors = Optional.of(spec);
        return this;
    }

    Policies requestId(String header) {
        requestId = Optional.of(header);
        return this;
    }

    Policies pages(PagesSpec spec) {
        pages = spec;
        return this;
    }

    PolicySpec spec() {
        PolicySpec plain = PolicySpec.DEFAULT;
        return new PolicySpec(
                plain.path(),
                plain.requestHeaders(),
                plain.responseHeaders(),
                plain.timeouts(),
                limits,
                access,
                cors,
                requestId,
                pages,
                plain.balance(),
                plain.health(),
                plain.retries());
    }

    Admission compile(Means means) throws InvalidConfig {
        return Admission.compile(spec(), means);
    }
}
