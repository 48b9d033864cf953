package dev.sluice.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a webhook was sent, newest first.
///
/// @param next where the next page begins, for `after`; absent on the last one
public record DeliveryListDocument(
        List<DeliveryDocument> deliveries, @Nullable String next) {
    public DeliveryListDocument {
        deliveries = List.copyOf(deliveries);
    }
}
