package dev.sluice.imports;

import dev.sluice.categories.Categorizer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/// The categorizer, loaded once: by whoever needs it first, or ahead of that. Safe for use by many threads.
final class LoadedCategorizer implements Supplier<Categorizer> {
    private final FutureTask<Categorizer> loading;

    LoadedCategorizer(Supplier<Categorizer> load) {
        loading = new FutureTask<>(load::get);
    }

    /// Has it loaded by a thread of its own, while something else is done.
    void begin() {
        if (!loading.isDone()) {
            Thread.ofPlatform().name("import-categorizer").daemon().start(loading);
        }
    }

    @Override
    public Categorizer get() {
        loading.run();
        try {
            return loading.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the categories cannot be loaded", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the categories are loaded", e);
        }
    }
}
