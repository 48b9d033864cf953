package dev.sluice.cli;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;

/// Closing what is given up anyway.
final class Closing {
    private static final System.Logger LOG = System.getLogger(Closing.class.getName());

    private Closing() {}

    static void quietly(Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing a connection that is given up", e);
        }
    }
}
