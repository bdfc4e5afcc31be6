package io.pm2j.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.ClientKey;
import io.pm2j.proxy.upstream.Trial.Mark;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which requests go to the endpoints on trial: 3 of 1, 2 and 3.
@Timeout(180)
final class TrialTest {
    private static final long CANARY = 3;
    private static final Mark MARK = new Mark("canary", "on");

    private static EndpointSpec spec(long id) {
        return new EndpointSpec(id, new Origin.At(new Address.Tcp("127.0.0.1", 1)));
    }

    private static Trial share(double share) {
        return new Trial(Set.of(CANARY), share, null);
    }

    private static Upstream upstream(@Nullable Trial trial, BalanceSpec.Policy policy, OptionalInt maxInFlight) {
        BalanceSpec balance = new BalanceSpec(policy, Optional.empty(), Duration.ZERO, maxInFlight);
        Upstream upstream = new Upstream(
                UpstreamSpec.named("app").withBalance(balance), List.of(new SilentLoop(), new SilentLoop()));
        upstream.admit(Set.of(spec(1), spec(2), spec(CANARY)), trial);
        return upstream;
    }

    private static Upstream upstream(@Nullable Trial trial) {
        return upstream(trial, new BalanceSpec.Policy.TwoChoices(), OptionalInt.empty());
    }

    private static KeyView asking(@Nullable String cookies) {
        return new KeyView() {
            @Override
            public byte[] client() {
                return new byte[0];
            }

            @Override
            public CharSequence path() {
                return "/";
            }

            @Override
            public @Nullable CharSequence header(String lowerCaseName) {
                return lowerCaseName.equals("cookie") ? cookies : null;
            }
        };
    }

    private static int onTrial(Upstream upstream, int requests) {
        int count = 0;
        for (int i = 0; i < requests; i++) {
            Endpoint claimed = Objects.requireNonNull(upstream.claim(0, null));
            claimed.release(0);
            count += claimed.spec().id() == CANARY ? 1 : 0;
        }
        return count;
    }

    /// Of 10 000 draws the deviation is 50 at most; ten of those never happen by chance.
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0.1, 500, 1500", "0.5, 4500, 5500", "1, 10000, 10000"})
    void theTrialGetsItsShareHoweverManyItIs(double share, int least, int most) {
        for (BalanceSpec.Policy policy : List.of(
                new BalanceSpec.Policy.TwoChoices(),
                new BalanceSpec.Policy.RoundRobin(),
                new BalanceSpec.Policy.LeastInFlight(),
                new BalanceSpec.Policy.Weighted())) {
            assertThat(onTrial(upstream(share(share), policy, OptionalInt.empty()), 10_000))
                    .as("%s", policy)
                    .isBetween(least, most);
        }
    }

    @Test
    void aClientThatAHashBindsStaysOnItsSide() {
        Upstream upstream = upstream(share(0.5), new BalanceSpec.Policy.Hash(new ClientKey.Ip()), OptionalInt.empty());
        int onTrial = 0;
        for (long key = 1; key <= 2_000; key++) {
            boolean drawn = upstream.draw(key, null);
            assertThat(upstream.draw(key, null)).isEqualTo(drawn);
            onTrial += drawn ? 1 : 0;
        }
        assertThat(onTrial).isBetween(700, 1_300);
    }

    @Test
    void exactlyTheMarkedRequestsAreForATrialByCookie() {
        Upstream upstream = upstream(new Trial(Set.of(CANARY), 0, MARK));

        assertThat(upstream.draw(0, asking("a=b; canary=on"))).isTrue();
        for (String other : List.of("", "canary=off", "canary=on2", "xcanary=on", "canary=o")) {
            assertThat(upstream.draw(0, asking(other))).as(other).isFalse();
        }
        assertThat(upstream.draw(0, asking(null))).isFalse();
        for (int i = 0; i < 100; i++) {
            assertThat(Objects.requireNonNull(upstream.claim(0, 0, null, true))
                            .spec()
                            .id())
                    .isEqualTo(CANARY);
            assertThat(Objects.requireNonNull(upstream.claim(0, 0, null, false))
                            .spec()
                            .id())
                    .isNotEqualTo(CANARY);
        }
    }

    @Test
    void nothingIsDrawnWithoutATrial() {
        Upstream upstream = upstream(null);

        assertThat(upstream.draw(0, asking("canary=on"))).isFalse();
        assertThat(onTrial(upstream, 3_000)).isBetween(800, 1_200);
    }

    @Test
    void aRequestThatFailedOnTheOnlyEndpointOnTrialGoesToTheOthers() {
        Upstream upstream = upstream(share(1));
        Endpoint canary = Objects.requireNonNull(upstream.claim(0, null));

        assertThat(Objects.requireNonNull(upstream.claim(0, 0, canary, true))
                        .spec()
                        .id())
                .isNotEqualTo(CANARY);
    }

    @Test
    void aSideWithoutAnybodyGivesToTheOther() {
        Upstream upstream = upstream(share(0.5));
        upstream.admit(Set.of(spec(1)), share(0.5));
        assertThat(Objects.requireNonNull(upstream.claim(0, 0, null, true))
                        .spec()
                        .id())
                .isEqualTo(1);

        upstream.admit(Set.of(spec(CANARY)), share(0));
        assertThat(Objects.requireNonNull(upstream.claim(0, 0, null, false))
                        .spec()
                        .id())
                .isEqualTo(CANARY);
    }

    @Test
    void aFullTrialGivesToTheOthersAndOnlyAMarkIsWaitedFor() {
        BalanceSpec.Policy policy = new BalanceSpec.Policy.RoundRobin();
        Upstream byShare = upstream(share(1), policy, OptionalInt.of(1));
        assertThat(Objects.requireNonNull(byShare.claim(0, 0, null, true))
                        .spec()
                        .id())
                .isEqualTo(CANARY);
        assertThat(Objects.requireNonNull(byShare.claim(0, 0, null, true))
                        .spec()
                        .id())
                .isNotEqualTo(CANARY);

        Upstream byMark = upstream(new Trial(Set.of(CANARY), 0, MARK), policy, OptionalInt.of(1));
        assertThat(byMark.claim(0, 0, null, false)).isNotNull();
        assertThat(byMark.claim(0, 0, null, false)).isNotNull();
        assertThat(byMark.claim(0, 0, null, false)).isNull();
    }

    @Test
    void aKeptConnectionIsUsedOnItsSideAlone() {
        Upstream upstream = upstream(share(0.5));
        Endpoint canary = Objects.requireNonNull(upstream.claim(0, 0, null, true));

        assertThat(upstream.claimAgain(0, canary, false)).isFalse();
        assertThat(upstream.claimAgain(0, canary, true)).isTrue();
        upstream.admit(Set.of(spec(1), spec(CANARY)));
        assertThat(upstream.claimAgain(0, canary, false)).isTrue();
    }

    @Test
    void refusesAShareThatIsNone() {
        assertThatThrownBy(() -> share(1.1)).hasMessage("share 1.1 (expected: 0 to 1)");
        assertThatThrownBy(() -> share(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    private static final class SilentLoop implements LoopAgent {
        @Override
        public void wake(Upstream upstream) {}

        @Override
        public void after(long nanos, Runnable task) {}

        @Override
        public void closeIdle(Endpoint endpoint, Runnable closed) {
            closed.run();
        }
    }
}
