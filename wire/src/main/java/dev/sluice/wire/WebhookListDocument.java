package dev.sluice.wire;

import java.util.List;

/// A user's webhooks, in the order in which they were made.
public record WebhookListDocument(List<WebhookDocument> webhooks) {
    public WebhookListDocument {
        webhooks = List.copyOf(webhooks);
    }
}
