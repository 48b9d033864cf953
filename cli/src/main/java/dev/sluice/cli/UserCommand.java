package dev.sluice.cli;

import dev.sluice.wire.TextTables;
import dev.sluice.wire.UserDocument;
import dev.sluice.wire.UserListDocument;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "user",
        description = "Who may log in: lists users, adds one, disables one, gives another password or role.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            UserCommand.Listed.class,
            UserCommand.Add.class,
            UserCommand.Disable.class,
            UserCommand.Enable.class,
            UserCommand.Passwd.class,
            UserCommand.Role.class,
        },
        footer = {
            "",
            "Examples:",
            "  sluice user add anna --role admin",
            "  sluice user add bert --password-stdin < secret.txt",
            "  sluice user list",
            "  sluice user role bert viewer",
            "  sluice user disable bert               # out at once; what bert has made stays",
            "",
            "They count where auth.mode is accounts. Through the server on the data folder, or in the folder itself.",
        })
final class UserCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// What all of them take.
    abstract static class One implements Callable<Integer> {
        @Mixin
        private final ServerOptions options = new ServerOptions();

        @Mixin
        private final SettingsOptions flags = new SettingsOptions();

        @Spec
        private CommandSpec spec = CommandSpec.create();

        final People people() {
            return People.of(options, flags);
        }

        final int say(Object document, String words) {
            var out = spec.commandLine().getOut();
            out.println(options.json() ? dev.sluice.wire.Json.text(document) : words.stripTrailing());
            out.flush();
            return Exit.DONE;
        }
    }

    @Command(
            name = "list",
            description = "Lists the users.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice user list --json | jq -r '.users[].name'"})
    static final class Listed extends One {
        @Override
        public Integer call() {
            var users = people().list();
            return say(new UserListDocument(users), TextTables.users(users));
        }
    }

    /// About one user.
    abstract static class OfOne extends One {
        @Parameters(index = "0", paramLabel = "NAME", description = "The user.")
        private String name = "";

        final String name() {
            return name;
        }

        final int done(UserDocument user, String what) {
            return say(user, what + " " + user.name() + " (" + user.role() + ")");
        }
    }

    @Command(
            name = "add",
            description = "Adds a user.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice user add anna --role admin"})
    static final class Add extends OfOne {
        @Option(names = "--role", paramLabel = "ROLE", description = "admin, user (default) or viewer.")
        private String role = "user";

        @Mixin
        private final Passphrase password = new Passphrase();

        @Override
        public Integer call() {
            return done(people().add(name(), role, password.fresh()), "added");
        }
    }

    @Command(
            name = "disable",
            description = "Lets a user in no more; sessions and keys end at once.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice user disable bert"})
    static final class Disable extends OfOne {
        @Override
        public Integer call() {
            return done(people().change(name(), null, true, null), "disabled");
        }
    }

    @Command(
            name = "enable",
            description = "Lets a user in again.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice user enable bert"})
    static final class Enable extends OfOne {
        @Override
        public Integer call() {
            return done(people().change(name(), null, false, null), "enabled");
        }
    }

    @Command(
            name = "passwd",
            description = "Gives a user another password; all its sessions end.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice user passwd bert"})
    static final class Passwd extends OfOne {
        @Mixin
        private final Passphrase password = new Passphrase();

        @Override
        public Integer call() {
            return done(people().change(name(), null, null, password.fresh()), "another password has");
        }
    }

    @Command(
            name = "role",
            description = "Makes a user an admin, a user or a viewer; all its sessions end.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice user role bert viewer"})
    static final class Role extends OfOne {
        @Parameters(index = "1", paramLabel = "ROLE", description = "admin, user or viewer.")
        private String role = "";

        @Override
        public Integer call() {
            return done(people().change(name(), role, null, null), "changed");
        }
    }
}
