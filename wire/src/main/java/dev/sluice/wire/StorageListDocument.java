package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The storages that there are, by name.
public record StorageListDocument(List<Storage> storages) {
    public StorageListDocument {
        storages = List.copyOf(storages);
    }

    /// @param standard whether it takes files where none is asked for
    /// @param place where it is, in words, for those who may know
    /// @param accounts through which it is reached; absent where there are none, or no server to ask
    public record Storage(
            String name,
            String kind,
            @JsonProperty("default") boolean standard,
            @Nullable String place,
            @Nullable List<AccountDocument> accounts) {}
}
