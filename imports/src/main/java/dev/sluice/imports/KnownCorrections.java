package dev.sluice.imports;

import dev.sluice.categories.Category;
import dev.sluice.categories.Corrections;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one owner has put right, as it stood when it was read.
///
/// @param categories their words, by merchant
record KnownCorrections(Map<String, String> categories) implements Corrections {
    static KnownCorrections read(Connection connection, String owner) throws SQLException {
        var known = new HashMap<String, String>();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT merchant, category FROM corrections WHERE owner = ?")) {
            query.setString(1, owner);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    known.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        return new KnownCorrections(Map.copyOf(known));
    }

    @Override
    public @Nullable Category of(String merchant) {
        String word = categories.get(merchant);
        return word == null ? null : Category.of(word);
    }

    /// What has been put right since `before`.
    Map<String, String> since(KnownCorrections before) {
        var changed = new HashMap<>(categories);
        changed.entrySet().removeAll(before.categories().entrySet());
        return changed;
    }
}
