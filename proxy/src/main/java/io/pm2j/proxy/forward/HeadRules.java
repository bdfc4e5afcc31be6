package io.pm2j.proxy.forward;

import io.pm2j.config.spec.edge.HeaderRules;
import io.pm2j.config.spec.edge.Template;
import io.pm2j.proxy.http.Fields;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.route.Facts;
import io.pm2j.proxy.route.Filling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Changes to a head: lines that are taken out, and lines that come in. Immutable.
///
/// Names are compared without case, and `_` counts as `-`: an origin that makes variables of names, as CGI
/// does, would else take a client's `X_User` for our `X-User`.
final class HeadRules {
    static final HeadRules NONE = new HeadRules(List.of(), List.of());
    private static final byte[] NOTHING = {};

    private final byte[][] dropped;
    private final List<Line> lines;
    /// The lines, when they are the same for every message.
    private final byte @Nullable [] ready;

    private final boolean host;

    private record Line(String name, Template value) {}

    private HeadRules(List<String> dropped, List<Line> lines) {
        this.dropped = dropped.stream().map(Tokens::ascii).toArray(byte[][]::new);
        this.lines = List.copyOf(lines);
        host = dropped.contains("host");
        boolean constant = lines.stream()
                .flatMap(line -> line.value.parts().stream())
                .allMatch(Template.Part.Literal.class::isInstance);
        ready = lines.isEmpty() ? NOTHING : constant ? write(_ -> "") : null;
    }

    /// `more` names are dropped besides.
    static HeadRules of(HeaderRules spec, Set<String> more) {
        if (spec.none() && more.isEmpty()) {
            return NONE;
        }
        List<String> dropped = new ArrayList<>(more);
        dropped.addAll(spec.remove());
        dropped.addAll(spec.set().keySet());
        List<Line> lines = new ArrayList<>();
        spec.set().forEach((name, value) -> lines.add(new Line(name, value)));
        spec.add().forEach((name, values) -> values.forEach(value -> lines.add(new Line(name, value))));
        return new HeadRules(dropped, lines);
    }

    /// Whether nothing is changed.
    boolean none() {
        return this == NONE;
    }

    /// Whether the host is another than the client named.
    boolean replacesHost() {
        return host;
    }

    /// Marks the lines to be taken out.
    void drop(byte[] b, Fields head) {
        for (byte[] name : dropped) {
            for (int f = 0; f < head.count(); f++) {
                if (same(b, head.lineStart(f), head.nameEnd(f), name)) {
                    head.drop(f);
                }
            }
        }
    }

    /// Whether a line of this name is taken out.
    boolean drops(String name) {
        byte[] asked = Tokens.ascii(name);
        for (byte[] one : dropped) {
            if (same(asked, 0, asked.length, one)) {
                return true;
            }
        }
        return false;
    }

    /// The lines that come in, each with its end.
    byte[] lines(Facts facts) {
        byte[] known = ready;
        return known == null ? write(facts) : known;
    }

    private byte[] write(Facts facts) {
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            text.append(line.name)
                    .append(": ")
                    .append(Filling.header(line.value, facts))
                    .append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean same(byte[] b, int from, int to, byte[] lower) {
        if (to - from != lower.length) {
            return false;
        }
        for (int i = 0; i < lower.length; i++) {
            if (folded(b[from + i]) != folded(lower[i])) {
                return false;
            }
        }
        return true;
    }

    private static int folded(byte c) {
        return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }
}
