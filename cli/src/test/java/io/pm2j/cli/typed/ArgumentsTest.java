package io.pm2j.cli.typed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ArgumentsTest {
    @Test
    void optionsStandBeforeAndAfterOperands() throws Failure {
        Arguments typed = Arguments.parse("-i", "4", "start", "--port=80", "app.js", "--name", "a=b", "-f");
        assertThat(typed.command()).isEqualTo("start");
        assertThat(typed.operands()).containsExactly("app.js");
        assertThat(typed.value(Option.INSTANCES)).contains("4");
        assertThat(typed.value(Option.PORT)).contains("80");
        assertThat(typed.value(Option.NAME)).contains("a=b");
        assertThat(typed.has(Option.FORCE)).isTrue();
    }

    @Test
    void whatFollowsDashesIsTheScripts() throws Failure {
        Arguments typed = Arguments.parse("start", "app.js", "--", "--name", "x", "--");
        assertThat(typed.afterDashes()).containsExactly("--name", "x", "--");
        assertThat(typed.options()).isEmpty();
    }

    @Test
    void aNegativeAmountOfScaleIsAnOperand() throws Failure {
        assertThat(Arguments.parse("scale", "app", "-1").operands()).containsExactly("app", "-1");
        assertThat(Arguments.parse("start", "app", "-i", "-1").value(Option.INSTANCES))
                .contains("-1");
    }

    @Test
    void refusesAnUnknownOptionAndNamesTheNearest() {
        assertThatThrownBy(() -> Arguments.parse("ls", "--instnces", "4"))
                .isInstanceOf(Failure.class)
                .hasMessage("unknown option --instnces (did you mean --instances?)");
    }

    @Test
    void refusesAnOptionWithoutItsValue() {
        assertThatThrownBy(() -> Arguments.parse("start", "--name")).hasMessage("option --name needs a value");
    }

    @Test
    void refusesAFlagWithAValue() {
        assertThatThrownBy(() -> Arguments.parse("start", "--raw=no")).hasMessage("option --raw takes no value");
    }

    @Test
    void takesPathsToWatchAfterTheScriptOnly() throws Failure {
        assertThat(Arguments.parse("start", "--watch", "app.js").operands()).containsExactly("app.js");
        Arguments paths = Arguments.parse("start", "app.js", "--watch", "lib", "--watch=views");
        assertThat(paths.value(Option.WATCH)).contains("lib,views");
        assertThat(paths.operands()).containsExactly("app.js");
        assertThat(Arguments.parse("ls", "--watch").value(Option.WATCH)).contains("");
    }

    @Test
    void takesSeveralExitCodes() throws Failure {
        Arguments typed = Arguments.parse("start", "--stop-exit-codes", "0", "42", "app.js");
        assertThat(typed.value(Option.STOP_EXIT_CODES)).contains("0,42");
        assertThat(typed.operands()).containsExactly("app.js");
    }
}
