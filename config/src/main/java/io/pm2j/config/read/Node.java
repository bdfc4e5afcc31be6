package io.pm2j.config.read;

import java.util.List;
import java.util.Map;

/// A document as written: values, and where each stands. Lines and columns count from 1; 0 means unknown.
public sealed interface Node {
    /// Where a value begins.
    record Position(int line, int column) {
        public static final Position UNKNOWN = new Position(0, 0);
    }

    Position at();

    /// Names and values, in the order written; `names` says where each name stands.
    record Obj(Position at, Map<String, Node> fields, Map<String, Position> names) implements Node {
        /// Where the name of a field stands.
        public Position nameAt(String field) {
            return names.getOrDefault(field, at);
        }
    }

    record Arr(Position at, List<Node> elements) implements Node {}

    record Text(Position at, String text) implements Node {}

    /// A number, as written.
    record Num(Position at, String text) implements Node {}

    record Bool(Position at, boolean value) implements Node {}

    record Nul(Position at) implements Node {}

    /// A text that stands nowhere: from the command line.
    static Text text(String text) {
        return new Text(Position.UNKNOWN, text);
    }

    static Bool bool(boolean value) {
        return new Bool(Position.UNKNOWN, value);
    }

    /// How a person would name the value in a sentence.
    default String shown() {
        return switch (this) {
            case Obj _ -> "an object";
            case Arr _ -> "an array";
            case Text(Position _, String text) -> "'" + text + "'";
            case Num(Position _, String text) -> text;
            case Bool(Position _, boolean value) -> String.valueOf(value);
            case Nul _ -> "null";
        };
    }
}
