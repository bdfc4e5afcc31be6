package io.pm2j.cli.boot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// A text out of this program with words like `@USER@` in it.
public final class Template {
    private Template() {}

    /// The text of that name beside this class, with every `@KEY@` replaced.
    public static String filled(String name, Map<String, String> words) {
        try (InputStream file = Template.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new IllegalStateException("no template " + name);
            }
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, String> word : words.entrySet()) {
                text = text.replace("@" + word.getKey() + "@", word.getValue());
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + name, e);
        }
    }
}
