package dev.sluice.wire;

import dev.sluice.imports.Profile;
import java.util.List;

/// The profiles that there are, by name.
public record ProfileListDocument(List<ProfileDocument> profiles) {
    public ProfileListDocument {
        profiles = List.copyOf(profiles);
    }

    public static ProfileListDocument of(List<Profile> profiles) {
        return new ProfileListDocument(
                profiles.stream().map(ProfileDocument::of).toList());
    }
}
