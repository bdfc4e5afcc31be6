package io.pm2j.cli.command;

import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.PagesSpec.Maintenance;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.control.ControlRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Commands that say who gets to see an app, and which version of it: canaries and maintenance.
final class Trials {
    private static final String SHARE = "1% to 100%, or cookie:NAME=VALUE";

    private Trials() {}

    /// The terms with the canary that was typed, if one was. `--canary 10% --cookie N=V` is `--canary cookie:N=V`: with
    /// a
    /// cookie no share is drawn.
    static ReloadTerms canary(Session session, ReloadTerms terms) throws Failure {
        Optional<String> share = session.typed.value(Option.CANARY);
        Optional<String> cookie = session.typed.value(Option.COOKIE);
        if (share.isEmpty()) {
            if (cookie.isPresent()) {
                throw new Failure("--cookie " + cookie.get() + ": without --canary there is no use for it");
            }
            return terms;
        }
        ReloadTerms asked = terms.withCanary(share.get())
                .orElseThrow(() -> new Failure("--canary " + share.get() + " (expected: " + SHARE + ")"));
        if (cookie.isEmpty()) {
            return asked;
        }
        return terms.withCanary("cookie:" + cookie.get())
                .orElseThrow(() -> new Failure("--cookie " + cookie.get() + " (expected: NAME=VALUE)"));
    }

    static int promote(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        if (operands.isEmpty() || operands.size() > 2) {
            throw new Failure("promote what? (expected: pm2j promote <app> [percent])");
        }
        String percent = operands.size() == 2 ? operands.get(1) : "100";
        if (!percent.matches("([1-9]|[1-9]\\d|100)%?")) {
            throw new Failure("promote to " + percent + " (expected: 1% to 100%)");
        }
        int number = Integer.parseInt(percent.replace("%", ""));
        return session.ask(new ControlRequest.Promote(operands.getFirst(), number), _ -> {});
    }

    static int abort(Session session) throws Failure {
        if (session.typed.operands().size() != 1) {
            throw new Failure("abort what? (expected: pm2j abort <app>)");
        }
        return session.ask(new ControlRequest.Abort(session.typed.operands().getFirst()), _ -> {});
    }

    static int maintenance(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        String wish = operands.size() == 2 ? operands.get(1) : "on";
        if (operands.isEmpty() || operands.size() > 2 || !wish.equals("on") && !wish.equals("off")) {
            throw new Failure("maintenance of what? (expected: pm2j maintenance <app> [on|off])");
        }
        Optional<Maintenance> how = wish.equals("on") ? Optional.of(how(session)) : Optional.empty();
        return session.ask(new ControlRequest.Maintain(operands.getFirst(), how), _ -> {});
    }

    private static Maintenance how(Session session) throws Failure {
        Optional<Path> page = session.typed
                .value(Option.PAGE)
                .map(file -> Path.of(file).toAbsolutePath().normalize());
        String after = session.typed.value(Option.RETRY_AFTER).orElse("");
        if (!after.isEmpty() && !after.matches("[1-9]\\d{0,7}s?")) {
            throw new Failure("--retry-after " + after + " (expected: seconds, at least 1)");
        }
        List<Cidr> allow = new ArrayList<>();
        for (String block : session.typed.value(Option.ALLOW).orElse("").split("[,\\s]+")) {
            if (!block.isEmpty()) {
                allow.add(cidr(block));
            }
        }
        return new Maintenance(
                page,
                allow,
                after.isEmpty()
                        ? Optional.empty()
                        : Optional.of(Duration.ofSeconds(Long.parseLong(after.replace("s", "")))));
    }

    private static Cidr cidr(String block) throws Failure {
        try {
            return Cidr.parse(block);
        } catch (IllegalArgumentException e) {
            throw new Failure("--allow " + e.getMessage());
        }
    }
}
