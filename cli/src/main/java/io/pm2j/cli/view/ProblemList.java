package io.pm2j.cli.view;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pm2j.config.ConfigProblem;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/// What is wrong with a file, for programs.
public final class ProblemList {
    private static final JsonFactory JSON = new JsonFactory();

    private ProblemList() {}

    /// `{"file":...,"valid":...,"problems":[{"file","line","column","path","message"}],"warnings":[...]}`
    public static String json(String file, List<ConfigProblem> problems, List<ConfigProblem> warnings) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("file", file);
            json.writeBooleanField("valid", problems.isEmpty());
            all(json, "problems", problems);
            all(json, "warnings", warnings);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a text takes everything
        }
        return text.toString();
    }

    private static void all(JsonGenerator json, String name, List<ConfigProblem> problems) throws IOException {
        json.writeArrayFieldStart(name);
        for (ConfigProblem problem : problems) {
            json.writeStartObject();
            json.writeStringField("file", problem.source());
            if (problem.line().isPresent()) {
                json.writeNumberField("line", problem.line().getAsInt());
            }
            if (problem.column().isPresent()) {
                json.writeNumberField("column", problem.column().getAsInt());
            }
            json.writeStringField("path", problem.path());
            json.writeStringField("message", problem.sentence());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
