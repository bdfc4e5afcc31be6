package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is said to programs that run: lines, signals, messages, actions, settings.
class TellIT {
    @RegisterExtension
    final Product product = new Product();

    @BeforeEach
    void start() throws Exception {
        product.app("talks");
        product.run("start", "talks/app.js", "--name", "talks").succeeds();
        said("started");
    }

    @Test
    void aLineReachesStandardInput() throws Exception {
        product.run("send", "0", "reload", "it").succeeds();

        said("line reload it");
        product.run("send", "99", "hello").refusesSaying("99");
        product.run("send", "talks").refusesSaying("pm2j send <id> <line>");
    }

    @Test
    void aLineReachesStandardInputAfterTheDaemonWasKilled() throws Exception {
        Outage.begin(product);
        Product.eventually("a new daemon has it", () -> product.statuses("talks"), List.of("online")::equals);

        product.run("send", "0", "still here").succeeds();

        said("line still here");
    }

    @Test
    void aClusterWorkerHasNoStandardInput() throws Exception {
        product.run("start", "talks/app.js", "--name", "many", "-i", "2").succeeds();

        product.run("send", "1", "hello").refusesSaying("many", "fork mode");
    }

    @Test
    void attachPassesLinesOn() throws Exception {
        Ran attached = product.command(
                List.of("sh", "-c", "(echo one; echo two) | " + Product.ROOT.resolve("pm2j") + " attach 0"));

        attached.succeeds();
        said("line one");
        said("two");
        product.run("attach", "7").refusesSaying("7");
        product.run("attach", "talks").refusesSaying("whole number");
    }

    @Test
    void aSignalReachesTheProgram() throws Exception {
        product.run("sendSignal", "SIGUSR2", "talks").succeeds();

        said("signal SIGUSR2");
        assertThat(product.statuses("talks")).containsExactly("online");
        product.run("sendSignal", "SIGNONSENSE", "talks").fails();
        assertThat(product.run("sendSignal", "SIGUSR2", "nobody").fails().err()).contains("nobody");
    }

    @Test
    void anActionIsCalledAndItsAnswerShown() throws Exception {
        // What it prints and what it announces come by different ways.
        Product.eventually(
                "its actions are known",
                () -> product.run("trigger", "talks", "count"),
                ran -> ran.exit() == 0 && ran.out().contains("[talks:0:default]={\"answer\":42}"));
        assertThat(product.run("trigger", "talks", "echo", "one", "two")
                        .succeeds()
                        .out())
                .contains("[talks:0:default]={\"said\":\"one two\"}");
        Ran unknown = product.run("trigger", "talks", "nothing").fails();
        assertThat(unknown.all()).contains("Action doesn't exist nothing for talks");
    }

    @Test
    void aMessageReachesTheProgram() throws Exception {
        product.run("sendMessage", "talks", "{\"topic\":\"hello\"}").succeeds();

        said("message {\"topic\":\"hello\"}");
    }

    @Test
    void aSettingRestartsItsAppAndOutlivesIt() throws Exception {
        assertThat(product.run("set", "talks.LEVEL", "debug").succeeds().out()).contains("Setting changed");
        said("LEVEL=debug DEPTH=undefined");

        product.run("multiset", "talks:LEVEL info talks:DEPTH 3").succeeds();
        said("LEVEL=info DEPTH=3");
        assertThat(product.run("get", "talks.LEVEL").succeeds().out()).contains("info");
        assertThat(product.run("conf").succeeds().out()).contains("Module: talks", "$ pm2j set talks:DEPTH 3");

        product.run("unset", "talks.DEPTH").succeeds();
        product.run("get", "talks.DEPTH").refusesSaying("talks.DEPTH");
        product.run("delete", "talks").succeeds();
        product.run("start", "talks/app.js", "--name", "talks").succeeds();
        said("LEVEL=info DEPTH=undefined");
    }

    @Test
    void aSettingThatCannotBeIsRefused() throws Exception {
        product.run("set", "alone").refusesSaying("pm2j set <key> <value>");
        product.run("multiset", "a 1 b").refusesSaying("multiset");
        assertThat(product.run("unset", "never-set").succeeds().all()).contains("nothing is set under never-set");
    }

    private void said(String text) throws Exception {
        Product.eventually("it has said " + text, () -> product.log("talks-out.log"), log -> log.contains(text));
    }
}
