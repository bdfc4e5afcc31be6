package io.pm2j.proxy.upstream;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Some endpoints of a set are on trial: they get a part of the requests, however many they are.
///
/// @param endpoints the ids of those on trial
/// @param share what part of the requests is theirs, from 0 to 1; sessions that stick stay where they are
/// @param mark when there is one, exactly the requests that bear it are theirs, whatever the share
public record Trial(
        Set<Long> endpoints, double share, @Nullable Mark mark) {
    public Trial {
        endpoints = Set.copyOf(endpoints);
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share + " (expected: 0 to 1)");
        }
    }

    /// A cookie by which a request asks for the trial.
    public record Mark(String cookie, String value) {
        /// Whether `line`, the field `Cookie`, has it.
        public boolean isIn(@Nullable CharSequence line) {
            long at = line == null ? -1 : Cookies.find(line, cookie);
            return line != null
                    && at >= 0
                    && Cookies.end(at) - Cookies.start(at) == value.length()
                    && value.contentEquals(line.subSequence(Cookies.start(at), Cookies.end(at)));
        }
    }
}
