package io.pm2j.proxy.forward;

import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.route.Facts;
import io.pm2j.proxy.route.Location;
import io.pm2j.proxy.route.PathReading;
import io.pm2j.proxy.upstream.Upstream;
import java.nio.charset.StandardCharsets;

/// What is done with a request, ready to be done.
public sealed interface Action {
    /// An endpoint of `upstream` answers it.
    record Forward(Upstream upstream) implements Action {}

    /// A folder answers it.
    record Files(StaticSite site) implements Action {}

    /// Its path cannot be trusted.
    record Refuse(Violation why) implements Action {
        static Refuse of(PathReading.Fault fault) {
            return new Refuse(
                    switch (fault) {
                        case NOT_A_PATH -> Violation.NOT_A_PATH;
                        case BAD_ENCODING -> Violation.BAD_PATH_ENCODING;
                        case DOT_SEGMENT -> Violation.DOT_SEGMENT;
                        case AMBIGUOUS -> Violation.AMBIGUOUS_PATH;
                    });
        }
    }

    /// The edge answers by itself.
    sealed interface Said extends Action {
        /// What it says; on the loop.
        Answer answer(Facts asked);
    }

    /// The same for everybody.
    record Fixed(Answer answer) implements Said {
        @Override
        public Answer answer(Facts asked) {
            return answer;
        }

        /// What a route says should be answered.
        public static Fixed of(ActionSpec.Respond respond) {
            byte[] body = respond.body().getBytes(StandardCharsets.UTF_8);
            return new Fixed(Answer.of(respond.status(), respond.contentType(), body));
        }
    }

    /// Another place, depending on what was asked for.
    record Elsewhere(ActionSpec.Redirect redirect, PathMatch match) implements Said {
        @Override
        public Answer answer(Facts asked) {
            return Location.of(redirect, match, asked)
                    .map(to -> Answer.text(redirect.status(), "Location: " + to + "\r\n", ""))
                    .orElseGet(() -> Answer.refusing(Violation.BAD_HOST));
        }
    }
}
