package io.pm2j.cli.command;

import io.pm2j.cli.deploy.DeployTarget;
import io.pm2j.cli.deploy.RemoteScript;
import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.EcosystemReader;
import io.pm2j.config.read.Node;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `deploy`: brings a commit to hosts, over ssh and git, as the `deploy` section of an ecosystem file says.
final class Deploy {
    private Deploy() {}

    static int run(Session session) throws Failure {
        List<String> words = new ArrayList<>(session.typed.operands());
        if (words.isEmpty()) {
            throw new Failure("deploy where? (expected: pm2j deploy [file] <environment>"
                    + " [setup|update|revert|list|current|previous|exec|<ref>])");
        }
        String file = Operands.isFile(words.getFirst()) ? words.removeFirst() : Start.usualFile();
        if (words.isEmpty()) {
            throw new Failure("deploy where? (expected: an environment of " + file + ")");
        }
        String name = words.removeFirst();
        DeployTarget target = DeployTarget.of(document(file), file, name);
        String command = words.isEmpty() ? "update" : words.removeFirst();
        words.addAll(session.typed.afterDashes());
        String script = script(target, file, command, words);
        if (isUpdate(command)) {
            checkCommitted(session);
            local(session, target);
        }
        for (String host : target.hosts()) {
            session.info("--> " + command + " " + name + " on " + host);
            session.out.flush();
            List<String> ssh = new ArrayList<>(target.ssh(host));
            ssh.add("sh -c " + RemoteScript.quoted(script));
            int code = execute(ssh);
            if (code != 0) {
                throw new Failure("deploy failed on " + host + " with exit code " + code);
            }
        }
        session.info("--> done");
        return ExitCode.OK;
    }

    private static String script(DeployTarget target, String file, String command, List<String> more) throws Failure {
        RemoteScript script = new RemoteScript(target);
        String usual = "pm2j startOrRestart "
                + RemoteScript.quoted(Path.of(file).getFileName().toString()) + " --env "
                + RemoteScript.quoted(target.name());
        return switch (command) {
            case "setup" -> script.setup();
            case "update" -> script.update(target.ref(), usual);
            case "revert" -> script.revert(more.isEmpty() ? 1 : Arguments.number("revert", more.getFirst()), usual);
            case "list" -> script.list();
            case "curr", "current" -> script.current();
            case "prev", "previous" -> script.previous();
            case "exec", "run" -> {
                if (more.isEmpty()) {
                    throw new Failure(command + " what? (expected: a command)");
                }
                yield script.execute(String.join(" ", more));
            }
            default -> {
                if (command.startsWith("-")) {
                    throw new Failure("'" + command + "' (expected: a command, or a commit)");
                }
                yield script.update(command, usual);
            }
        };
    }

    /// Whether it brings a commit that is in the repository to the host: `update`, or the commit itself.
    private static boolean isUpdate(String command) {
        return switch (command) {
            case "setup", "revert", "list", "curr", "current", "prev", "previous", "exec", "run" -> false;
            default -> true;
        };
    }

    private static Node document(String file) throws Failure {
        try {
            return EcosystemReader.document(Path.of(file), Caller.here(Optional.empty()));
        } catch (InvalidConfig e) {
            throw new Failure(e.problems().stream().map(ConfigProblem::toString).toList());
        }
    }

    /// PM2 refuses as well: what is not committed would be missed on the host.
    private static void checkCommitted(Session session) throws Failure {
        if (session.typed.has(Option.FORCE) || !Programs.isInPath("git")) {
            return;
        }
        try {
            Process git = new ProcessBuilder("git", "status", "--porcelain", "--untracked-files=no")
                    .redirectInput(new File("/dev/null"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String changed = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (git.waitFor() == 0 && !changed.isBlank()) {
                throw new Failure("there are changes that are not committed (expected: none, or --force)");
            }
        } catch (IOException e) {
            throw new Failure("git cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }

    private static void local(Session session, DeployTarget target) throws Failure {
        String hook = target.hooks().getOrDefault("pre-deploy-local", "");
        if (hook.isBlank()) {
            return;
        }
        session.info("--> pre-deploy-local");
        session.out.flush();
        int code = execute(List.of("sh", "-c", hook));
        if (code != 0) {
            throw new Failure("pre-deploy-local failed with exit code " + code + "; nothing was deployed");
        }
    }

    private static int execute(List<String> command) throws Failure {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new Failure(command.getFirst() + " cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }
}
