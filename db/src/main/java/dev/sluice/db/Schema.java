package dev.sluice.db;

import java.util.regex.Pattern;

/// The tables of one module: the scripts `schema/NAME/V1__….sql` to `V<version>__….sql` on the class path, and
/// a table `schema_NAME` that says which of them a database has seen.
///
/// @param name `a-z` only
/// @param version the newest script's
public record Schema(String name, int version) {
    private static final Pattern NAME = Pattern.compile("[a-z]{1,30}");

    public Schema {
        if (!NAME.matcher(name).matches() || version < 1) {
            throw new IllegalArgumentException("no schema: " + name + " " + version);
        }
    }

    String table() {
        return "schema_" + name;
    }

    String location() {
        return "classpath:schema/" + name;
    }
}
