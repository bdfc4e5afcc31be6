package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pm2j.config.InvalidConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The schema knows the keys that the readers ask for, neither more nor fewer: a key that nobody knows makes a reader
/// name all that it does.
class EdgeSchemaTest {
    private static final Pattern EXPECTED = Pattern.compile("unknown key 'zzzz' \\(expected: ([a-z0-9_, ]+)\\)");

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "edge            | {'routes':[],                                                    'zzzz':1}",
                "listener        | {'listeners':[{'address':1,                                      'zzzz':1}]}",
                "tls             | {'listeners':[{'address':1,'tls':{'cert':'c','key':'k',      'zzzz':1}}]}",
                "certificate     | {'listeners':[{'address':1,'tls':[{'cert':'c','key':'k',     'zzzz':1}]}]}",
                "route           | {'routes':[{'app':'a',                                           'zzzz':1}]}",
                "match           | {'routes':[{'app':'a','match':{                                  'zzzz':1}}]}",
                "path            | {'routes':[{'app':'a','path':{'exact':'/',                       'zzzz':1}}]}",
                "value           | {'routes':[{'app':'a','match':{'query':{'q':{'exact':'1',        'zzzz':1}}}}]}",
                "static          | {'routes':[{'static':{'folder':'.',                              'zzzz':1}}]}",
                "redirect        | {'routes':[{'redirect':{'to':'https',                            'zzzz':1}}]}",
                "origin          | {'routes':[{'upstream':[{'address':'http://h:1',                 'zzzz':1}]}]}",
                "respond         | {'routes':[{'respond':{                                          'zzzz':1}}]}",
                "defaults        | {'defaults':{                                                    'zzzz':1}}",
                "headers         | {'defaults':{'request_headers':{                                 'zzzz':1}}}",
                "access_log      | {'routes':[],'access_log':{                                      'zzzz':1}}",
                "basic_auth      | {'defaults':{'basic_auth':{'file':'x',                           'zzzz':1}}}",
                "cors            | {'defaults':{'cors':{                                            'zzzz':1}}}",
                "health          | {'defaults':{'health':{                                          'zzzz':1}}}",
                "retries         | {'defaults':{'retries':{                                         'zzzz':1}}}",
                "defaults/timeouts     | {'defaults':{'timeouts':{                                  'zzzz':1}}}",
                "defaults/rate_limit   | {'defaults':{'rate_limit':{'rate':'1/s',                   'zzzz':1}}}",
                "defaults/rewrite      | {'defaults':{'rewrite':{                                   'zzzz':1}}}",
                "defaults/forward_auth | {'defaults':{'forward_auth':{'url':'http://h:1/',          'zzzz':1}}}",
                "defaults/maintenance  | {'defaults':{'maintenance':{                               'zzzz':1}}}",
                "defaults/sticky       | {'defaults':{'sticky':{                                    'zzzz':1}}}"
            })
    void hasTheKeysThatTheReaderKnows(String definition, String edge) throws Exception {
        assertThat(keys(definition)).isEqualTo(asked(edge));
    }

    @Test
    void describesEveryObjectOfTheEdge() throws Exception {
        JsonNode schema = new ObjectMapper().readTree(EcosystemSchema.text());
        assertThat(EdgeSchema.definitions().keySet())
                .allSatisfy(name -> assertThat(schema.at("/definitions/" + name).isMissingNode())
                        .isFalse());
    }

    private Set<String> asked(String edge) throws Exception {
        Ground ground = Ground.withNode(folder);
        String json = ("{'apps':[{'name':'a','script':'app.js'}],'edge':" + edge + "}").replace('\'', '"');
        Path file = ground.file("apps.json", json);
        Caller caller = new Caller(ground.folder, Map.of("PATH", ground.programs.toString()), 1, Optional.empty());
        InvalidConfig problems = catchThrowableOfType(
                InvalidConfig.class, () -> EcosystemReader.read(file, caller, _ -> true, AppOptions.none("", "")));
        Matcher expected = EXPECTED.matcher(problems.problems().toString());
        assertThat(expected.find()).as(problems.problems().toString()).isTrue();
        return new TreeSet<>(Set.of(expected.group(1).split(", ")));
    }

    /// The keys of the first object that the definition holds, without their camelCase forms.
    private static Set<String> keys(String definition) throws Exception {
        JsonNode schema = new ObjectMapper().readTree(EcosystemSchema.text());
        String[] path = definition.split("/");
        JsonNode at = schema.at("/definitions/" + path[0]);
        for (int i = 1; i < path.length; i++) {
            at = properties(at).path(path[i]);
        }
        Set<String> keys = new TreeSet<>();
        properties(at).fieldNames().forEachRemaining(name -> {
            if (name.equals(name.toLowerCase(java.util.Locale.ROOT))) {
                keys.add(name);
            }
        });
        return keys;
    }

    private static JsonNode properties(JsonNode schema) {
        JsonNode found = schema.findValue("properties");
        assertThat(found).as(schema.toString()).isNotNull();
        return found;
    }
}
