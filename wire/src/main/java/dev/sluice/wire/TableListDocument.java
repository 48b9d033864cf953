package dev.sluice.wire;

import java.util.List;

/// The tables of one's own, by their names.
public record TableListDocument(List<TableDocument> tables) {
    public TableListDocument {
        tables = List.copyOf(tables);
    }
}
