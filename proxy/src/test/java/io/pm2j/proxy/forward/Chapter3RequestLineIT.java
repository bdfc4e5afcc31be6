package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 9112 chapter 3, the request line. What is malformed is in the corpus; here is what must go well.
@Timeout(180)
final class Chapter3RequestLineIT {
    @Test
    void section321TakesTheOriginFormAsItIs() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            for (String target : new String[] {"/", "/a/../b", "//c", "/d?e?f", "/g|h"}) {
                assertThat(edge.ask("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                        .contains("\r\n\r\nGET " + target + " HTTP/1.1\r\n");
            }
        }
    }

    @Test
    void section322TakesTheAuthorityOfTheAbsoluteFormForTheHost() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.ask("GET http://b:81/y?z HTTP/1.1\r\nHost: evil\r\n\r\n"))
                    .contains("\r\n\r\nGET /y?z HTTP/1.1\r\nHost: b:81\r\n")
                    .contains("X-Forwarded-Host: b:81\r\n")
                    .doesNotContain("evil");
        }
    }

    @Test
    void section323AnswersTheAuthorityFormWithTheAllowedMethods() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.askToTheEnd("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"))
                    .startsWith("HTTP/1.1 405 ")
                    .contains("\r\nAllow: GET, HEAD, ")
                    .contains("\r\nConnection: close\r\n");
        }
    }

    @Test
    void section324PassesTheAsteriskFormOnAndMakesItOfAnAuthorityAlone() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            for (String target : new String[] {"*", "http://b"}) {
                assertThat(edge.ask("OPTIONS " + target + " HTTP/1.1\r\nHost: b\r\n\r\n"))
                        .contains("\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: b\r\n");
            }
            assertThat(edge.ask("OPTIONS http://b/ HTTP/1.1\r\nHost: b\r\n\r\n"))
                    .contains("\r\n\r\nOPTIONS / HTTP/1.1\r\n");
        }
    }

    @Test
    void section3TakesARequestLineOfEightThousandBytes() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            String target = "/" + "a".repeat(8_000);
            assertThat(edge.ask("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                    .contains("\r\n\r\nGET " + target + " ");
        }
    }
}
