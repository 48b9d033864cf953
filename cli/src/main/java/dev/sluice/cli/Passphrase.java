package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine.Option;

/// A password, which no command line and no list of processes shows.
final class Passphrase {
    @Option(
            names = "--password-stdin",
            description = "Reads the password from standard input, to its first line's end.")
    private boolean stdin;

    /// A new one, which is asked for twice.
    String fresh() {
        var first = ask("New password: ");
        if (!stdin && !first.equals(ask("Once more: "))) {
            throw Failure.usage("the two passwords differ");
        }
        return first;
    }

    String known() {
        return ask("Password: ");
    }

    private String ask(String prompt) {
        if (stdin) {
            return line();
        }
        var console = Objects.requireNonNull(System.console());
        if (!console.isTerminal()) {
            throw Failure.usage("nobody is at a terminal to be asked for a password; give it with --password-stdin");
        }
        var typed = console.readPassword("%s", prompt);
        if (typed == null) {
            throw Failure.usage("no password was given");
        }
        return new String(typed);
    }

    private static String line() {
        try {
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            var line = in.readLine();
            if (line == null || line.isEmpty()) {
                throw Failure.usage("standard input has no password");
            }
            return line;
        } catch (IOException e) {
            throw Failure.usage("standard input cannot be read: " + Failure.why(e));
        }
    }
}
