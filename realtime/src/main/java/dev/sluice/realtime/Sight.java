package dev.sluice.realtime;

import dev.sluice.core.Owner;
import org.jspecify.annotations.Nullable;

/// Whose jobs a watcher may see.
///
/// @param owner only this owner's, or everybody's
public record Sight(@Nullable Owner owner) {
    public static final Sight ALL = new Sight(null);

    public static Sight of(Owner owner) {
        return new Sight(owner);
    }

    boolean reaches(Owner whose) {
        return owner == null || owner.equals(whose);
    }
}
