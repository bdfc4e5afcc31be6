package io.pm2j.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EcosystemSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(EcosystemSchema.text());

    @Test
    void everyExampleFits() throws Exception {
        List<Path> files;
        try (var all = Files.walk(Path.of("../examples"))) {
            files = all.filter(
                            file -> file.getFileName().toString().matches("ecosystem.*[.](json|ya?ml|config[.]c?js)"))
                    .filter(file -> !file.toString().matches(".*(/target/|node_modules|syntax-error).*"))
                    .toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            Node document = EcosystemReader.document(file, Caller.here(Optional.empty()));
            assertThat(complaints(tree(document))).as(file.toString()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'apps':[{'script':'a.js','instances':'max','max_memory_restart':'300M','kill_timeout':'5s'}]}",
                "{'pm2':{'cmd':'a.js','watch':['server'],'env_production':{'A':1},'maxRestarts':3}}",
                "[{'exec':'a.js','log_rotate':{'keep':7,'max_size':'5M'},'vizion':false,'cron':'0 3 * * *'}]",
                "{'script':'a.js','wait_ready':true,'min_uptime':null}",
                "{'apps':[{'script':'a','edge':['example.com',{'path':'/api','strip_prefix':true}]}],'config_watch':true}",
                "{'apps':[{'script':'a','name':'a'}],'edge':{'listeners':[80,{'port':443,'proxy_protocol':true}],"
                        + "'routes':[{'host':'a.b','app':'a','rateLimit':'10/s','retries':2,'health':{'path':'/h'}}]}}",
                "{'apps':[{'script':'a'}],'deploy':{'x':{'host':['h'],'repo':'r','path':'/p','post-deploy':'ls'}}}"
            })
    void takesWhatIsRead(String json) throws Exception {
        assertThat(complaints(JSON.readTree(json.replace('\'', '"')))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'apps':[{'script':'a.js','instnces':2}]}",
                "{'apps':[{'name':'a'}]}",
                "{'apps':[]}",
                "{'script':'a.js','max_memory_restart':'lots'}",
                "{'script':'a.js','kill_timeout':'5 parsecs'}",
                "{'script':'a.js','env':'A=1'}",
                "{'apps':[{'script':'a'}],'deploy':{'x':{'host':'h','path':'/p'}}}",
                "{'apps':[{'script':'a'}],'edge':{'routes':[{'hots':'a.b'}]}}",
                "{'apps':[{'script':'a'}],'edge':{'routes':[{'retries':{'on':'bad_luck'}}]}}",
                "{'apps':[{'script':'a'}],'edge':{'listeners':[{'port':80,'protocol':'gopher'}]}}",
                "'a.js'"
            })
    void refusesWhatIsRefused(String json) throws Exception {
        assertThat(complaints(JSON.readTree(json.replace('\'', '"')))).isNotEmpty();
    }

    private static Set<ValidationMessage> complaints(JsonNode document) {
        return SCHEMA.validate(document);
    }

    private static JsonNode tree(Node node) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        return switch (node) {
            case Node.Obj(Node.Position _, Map<String, Node> fields, Map<String, Node.Position> _) -> {
                ObjectNode object = make.objectNode();
                fields.forEach((name, value) -> object.set(name, tree(value)));
                yield object;
            }
            case Node.Arr(Node.Position _, List<Node> elements) -> {
                ArrayNode array = make.arrayNode();
                elements.forEach(element -> array.add(tree(element)));
                yield array;
            }
            case Node.Text(Node.Position _, String text) -> make.textNode(text);
            case Node.Num(Node.Position _, String text) ->
                text.matches("-?\\d{1,18}")
                        ? make.numberNode(Long.parseLong(text))
                        : make.numberNode(Double.parseDouble(text));
            case Node.Bool(Node.Position _, boolean value) -> make.booleanNode(value);
            case Node.Nul _ -> make.nullNode();
        };
    }
}
