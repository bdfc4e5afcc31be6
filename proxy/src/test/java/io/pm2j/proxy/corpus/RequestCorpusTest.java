package io.pm2j.proxy.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.corpus.ReferenceReading.End;
import io.pm2j.proxy.corpus.ReferenceReading.Reading;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/// The outcomes written down by hand and the reference reading agree, so that each is proof of the other.
final class RequestCorpusTest {
    static final ReferenceReading.Limits LIMITS = new ReferenceReading.Limits(1024, 256, 16);

    @Test
    void holdsAtLeastFourHundredCasesOfDistinctNames() {
        List<RequestCase> all = RequestCase.all();
        assertThat(all).hasSizeGreaterThanOrEqualTo(400);
        assertThat(all.stream().map(RequestCase::id)).doesNotHaveDuplicates();
    }

    @Test
    void isReadAsWrittenDown() {
        SoftAssertions all = new SoftAssertions();
        for (RequestCase one : RequestCase.all()) {
            Reading reading = ReferenceReading.of(one.bytes(), LIMITS);
            End end = switch (one.end().kind()) {
                case OPEN, CLOSE, WORKER -> End.AT_END;
                case SHORT -> End.SHORT_BODY;
                case HEAD, OPAQUE -> End.BAD_HEAD;
                case BODY -> End.BAD_BODY;
            };
            int passed = one.end().kind() == RequestCase.Kind.WORKER ? 1 : one.passed();
            // What a head or body lacks for certain may only show with what follows.
            boolean bad = reading.end() == end
                    || end == End.BAD_HEAD && reading.end() == End.SHORT_HEAD
                    || end == End.BAD_BODY && reading.end() == End.SHORT_BODY;
            all.assertThat(bad).as("%s: %s", one, reading.end()).isTrue();
            all.assertThat(reading.requests()).as("%s", one).hasSize(passed);
        }
        all.assertAll();
    }
}
