package dev.sluice.imports;

import dev.sluice.core.StopToken;
import dev.sluice.csv.Overrides;
import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// A file as it was understood.
record Table(Survey survey, Mapping mapping) {

    /// Reads all of it: what a profile says is taken for given; of its columns then what is remembered of files with
    /// the
    /// same header.
    ///
    /// @param profile how it is to be read; null: nothing is said
    /// @throws dev.sluice.core.ProblemException `malformed` where it is no table
    static Table of(
            Path file, Ledger ledger, String owner, @Nullable Profile profile, StopToken stop, LongConsumer bytesRead) {
        Overrides overrides = profile == null ? Overrides.NONE : profile.overrides();
        Survey survey = HeaderWords.standard().surveyor().survey(file, overrides, stop, bytesRead);
        Map<String, Role> told = profile == null ? Map.of() : profile.roles();
        if (!told.isEmpty()) {
            return new Table(survey, Mapping.propose(survey, told));
        }
        Mapping proposed = Mapping.propose(survey);
        Map<String, Role> remembered = ledger.roles(owner, proposed.header());
        return new Table(survey, remembered.isEmpty() ? proposed : Mapping.propose(survey, remembered));
    }

    /// What a person should know before its rows are used.
    List<Warning> warnings() {
        var warnings = new ArrayList<>(survey.warnings());
        warnings.addAll(mapping.warnings());
        return List.copyOf(warnings);
    }
}
