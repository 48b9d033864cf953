package dev.sluice.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The browser of whoever sits at this machine.
final class Browser {
    private static final System.Logger LOG = System.getLogger(Browser.class.getName());

    private Browser() {}

    /// Opens a page where that can be done.
    ///
    /// @return false where there is no screen, or no browser
    static boolean open(URI page) {
        var command = command();
        if (command.isEmpty()) {
            return false;
        }
        try {
            var unused = new ProcessBuilder(List.of(command.get(), page.toString()))
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            return true;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "no browser could be opened", e);
            return false;
        }
    }

    private static Optional<String> command() {
        var system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (system.startsWith("mac")) {
            return Optional.of("open");
        }
        var screen = System.getenv("DISPLAY") != null || System.getenv("WAYLAND_DISPLAY") != null;
        return screen ? Optional.of("xdg-open") : Optional.empty();
    }
}
