package io.pm2j.cli.deploy;

import java.util.Map;

/// What a host's shell is told. Pure. On the host, `path/source` is the clone, `path/current` leads to it,
/// `path/shared`
/// is the app's own, and `path/.deploys` has a line for each deployed commit.
public final class RemoteScript {
    private final DeployTarget target;

    public RemoteScript(DeployTarget target) {
        this.target = target;
    }

    /// PM2: `setup`, once.
    public String setup() {
        return beginning()
                + "if [ -e \"$path/source/.git\" ]; then echo \"$path is set up already\" >&2; exit 1; fi\n"
                + hook("pre-setup", "")
                + "mkdir -p \"$path/shared/logs\" \"$path/shared/pids\" \"$path/source\"\n"
                + "echo '--> cloning'\n"
                + "git clone --quiet " + (target.shallow() ? "--depth=5 --no-single-branch " : "")
                + quoted(target.repo()) + " \"$path/source\"\n"
                + "ln -sfn \"$path/source\" \"$path/current\"\n"
                + "cd \"$path/source\"\n"
                + "git reset --quiet --hard " + quoted(target.ref()) + "\n"
                + hook("post-setup", "");
    }

    /// Brings `ref` there and calls the hooks; `usual` is run where the file names no post-deploy.
    public String update(String ref, String usual) {
        return beginning()
                + SET_UP
                + "cd \"$path/source\"\n"
                + hook("pre-deploy", "")
                + "echo '--> fetching'\n"
                + "git fetch --quiet --all --tags" + (target.shallow() ? " --depth=5" : "") + "\n"
                + deploy(quoted(ref), usual);
    }

    /// Goes back `steps` deployments.
    public String revert(int steps, String usual) {
        return beginning()
                + SET_UP
                + "cd \"$path/source\"\n"
                + "lines=$(wc -l <\"$path/.deploys\" 2>/dev/null || echo 0)\n"
                + "if [ \"$lines\" -le " + steps
                + " ]; then echo \"there are $lines deployments, none to revert to\" >&2; exit 1; fi\n"
                + "wanted=$(tail -n " + (steps + 1) + " \"$path/.deploys\" | head -n 1)\n"
                + deploy("\"$wanted\"", usual);
    }

    /// A line for each deployed commit, the newest last.
    public String list() {
        return beginning() + SET_UP + "if [ -f \"$path/.deploys\" ]; then cat -n \"$path/.deploys\"; fi\n";
    }

    public String current() {
        return beginning() + SET_UP + "cd \"$path/source\" && git log -1 --format='%h %s'\n";
    }

    public String previous() {
        return beginning()
                + SET_UP
                + "lines=$(wc -l <\"$path/.deploys\" 2>/dev/null || echo 0)\n"
                + "if [ \"$lines\" -lt 2 ]; then echo 'there is no previous deployment' >&2; exit 1; fi\n"
                + "cd \"$path/source\" && git log -1 --format='%h %s' \"$(tail -n 2 \"$path/.deploys\" | head -n 1)\"\n";
    }

    /// Runs a command in the deployed folder.
    public String execute(String command) {
        return beginning() + SET_UP + "cd \"$path/current\"\n" + command + "\n";
    }

    private static final String SET_UP =
            "if [ ! -e \"$path/source/.git\" ]; then echo \"$path is not set up (expected: deploy ENV setup first)\" >&2; exit 1; fi\n";

    private String deploy(String ref, String usual) {
        return "git reset --quiet --hard " + ref + "\n"
                + "if [ -f .gitmodules ]; then git submodule --quiet update --init --recursive; fi\n"
                + "ln -sfn \"$path/source\" \"$path/current\"\n"
                + "git log -1 --format='--> at %h %s'\n"
                + "cd \"$path/current\"\n"
                + hook("post-deploy", usual)
                // Noted when it went well to its end.
                + "git rev-parse HEAD >>\"$path/.deploys\"\n";
    }

    private String hook(String name, String usual) {
        String command = target.hooks().getOrDefault(name, usual);
        return command.isBlank() ? "" : "echo '--> " + name + "'\n(\n" + command + "\n)\n";
    }

    private String beginning() {
        StringBuilder text = new StringBuilder("set -e\n");
        String path = target.path();
        text.append("path=")
                .append(path.startsWith("~/") ? "\"$HOME\"/" + quoted(path.substring(2)) : quoted(path))
                .append('\n');
        for (Map.Entry<String, String> variable : target.env().entrySet()) {
            text.append("export ")
                    .append(variable.getKey())
                    .append('=')
                    .append(quoted(variable.getValue()))
                    .append('\n');
        }
        return text.toString();
    }

    /// As one word of a shell.
    public static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
