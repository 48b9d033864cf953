package dev.sluice.wire;

import dev.sluice.core.BatchId;
import dev.sluice.core.Ids;
import dev.sluice.csv.Currencies;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a form says of the files that it brings to be imported. Wire contract §3.
///
/// @param batch the client's own word for them, or null
/// @param account to which the transactions belong
/// @param currency of amounts that name none, as ISO 4217; null: as it is set
/// @param profile how columns are to be read, by name, or null
public record ImportCall(
        @Nullable BatchId batch,
        String account,
        @Nullable String currency,
        @Nullable String profile) {
    /// The fields that a form may have beside its files.
    public static final Set<String> FIELDS = Set.of("batch_id", "profile", "account", "currency");

    /// The account of transactions of which nothing says it.
    public static final String MAIN = "main";

    private static final int LONGEST = 200;

    /// @param fields by their names; an empty one counts as absent
    /// @throws ProblemException `invalid_request`
    public static ImportCall of(Map<String, String> fields) {
        @Nullable String account = word(fields, "account");
        return new ImportCall(
                batch(fields), account == null ? MAIN : account, currency(fields), word(fields, "profile"));
    }

    private static @Nullable BatchId batch(Map<String, String> fields) {
        @Nullable String said = word(fields, "batch_id");
        if (said == null) {
            return null;
        }
        if (!Ids.isIdentifier(said)) {
            throw Fields.invalid("batch_id", "is no id", Ids.SHAPE);
        }
        return new BatchId(said);
    }

    private static @Nullable String currency(Map<String, String> fields) {
        @Nullable String said = word(fields, "currency");
        if (said == null) {
            return null;
        }
        String code = said.toUpperCase(Locale.ROOT);
        if (!Currencies.isCode(code)) {
            throw Fields.invalid("currency", "is no currency", "a code of ISO 4217, as EUR");
        }
        return code;
    }

    private static @Nullable String word(Map<String, String> fields, String name) {
        String said = fields.getOrDefault(name, "").strip();
        if (said.isEmpty()) {
            return null;
        }
        if (said.length() > LONGEST || !Texts.printable(said).equals(said)) {
            throw Fields.invalid(name, "is no name", "1 to " + LONGEST + " characters that can be seen");
        }
        return said;
    }
}
