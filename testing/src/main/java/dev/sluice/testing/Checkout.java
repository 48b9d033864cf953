package dev.sluice.testing;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Finds what Maven and npm have put beside these classes: `testing/target/peers` and `testing/azurite`.
final class Checkout {
    private Checkout() {}

    /// A server that Maven has fetched.
    ///
    /// @throws IllegalStateException if it is not there, with what to type
    static Path jar(String name) {
        Path jar = target().resolve("peers").resolve(name);
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException(jar + " is missing; Maven copies it when `testing` is built with its tests:"
                    + " type: dev/mvn -pl testing test-compile");
        }
        return jar;
    }

    /// The folder of the module `testing`.
    static Path testing() {
        return target().resolveSibling("");
    }

    /// The classes lie in `testing/target/classes`, or in a jar in `testing/target`.
    static Path target() {
        try {
            Path classes = Path.of(Checkout.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path target = classes.toAbsolutePath().getParent();
            if (target == null || !target.endsWith(Path.of("testing", "target"))) {
                throw new IllegalStateException("the peers lie beside the checkout's own classes, and these are from "
                        + classes + "; build `testing` together with what uses it: dev/mvn -pl MODULE -am test");
            }
            return target;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
