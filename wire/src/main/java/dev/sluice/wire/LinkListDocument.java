package dev.sluice.wire;

import java.util.List;

/// The links that work, newest first.
public record LinkListDocument(List<LinkDocument> links) {
    public LinkListDocument {
        links = List.copyOf(links);
    }
}
