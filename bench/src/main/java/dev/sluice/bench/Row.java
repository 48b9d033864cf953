package dev.sluice.bench;

import java.util.List;

/// One row of the page: a claim, and how it is measured.
interface Row {
    /// The word after `bench/run`.
    String name();

    /// What is measured, in a line.
    String title();

    /// Starts what it needs, measures, stops it.
    Result measure(Workbench bench);

    /// What came out.
    ///
    /// @param settings what one has to know of how it was measured, a sentence each
    /// @param versions of the rivals
    record Result(List<Figure> figures, List<String> settings, List<String> versions) {}
}
