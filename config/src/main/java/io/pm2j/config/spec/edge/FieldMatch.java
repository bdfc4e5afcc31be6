package io.pm2j.config.spec.edge;

/// What a header field or a query parameter must be.
public record FieldMatch(String name, Value value) {
    public FieldMatch {
        Rules.require(!name.isEmpty(), "an empty name", "the name of a header or of a query parameter");
    }

    /// What the value must be. A field that comes several times is compared as RFC 9110 §5.3
    /// joins it; of a query parameter the first counts.
    public sealed interface Value {
        /// This text, in this case.
        record Exact(String text) implements Value {}

        /// A text that this matches as a whole.
        record Regex(RegexText regex) implements Value {}

        /// Anything, if only it is there.
        record Present() implements Value {}

        /// It must not be there.
        record Absent() implements Value {}
    }
}
