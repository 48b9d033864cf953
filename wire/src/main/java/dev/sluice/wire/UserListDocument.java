package dev.sluice.wire;

import java.util.List;

/// Those who can log in, by name.
public record UserListDocument(List<UserDocument> users) {
    public UserListDocument {
        users = List.copyOf(users);
    }
}
