package io.pm2j.cli.view;

import io.pm2j.supervisor.json.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/// The array of `jlist`, on one line.
public final class JsonList {
    private JsonList() {}

    /// One object of maps, lists, texts, numbers and flags, on one line.
    static String line(Map<String, Object> value) {
        return text(value);
    }

    /// `values` are made of maps, lists, texts, numbers and flags.
    public static String of(List<Map<String, Object>> values) {
        return text(values);
    }

    private static String text(Object values) {
        try {
            return JsonText.of(values);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }
}
