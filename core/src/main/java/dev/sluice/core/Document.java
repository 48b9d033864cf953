package dev.sluice.core;

import java.util.Map;

/// A JSON object that the engine carries but does not read: a job's specification, its facts, a checkpoint, a
/// debt's detail. The store that holds it knows how to decode it.
public interface Document {
    /// The object as a record of the kind that wrote it.
    ///
    /// @throws IllegalArgumentException where the text does not fit the type
    <T extends Record> T as(Class<T> type);

    /// The object's members.
    Map<String, Object> members();

    /// The object's text, always a JSON object.
    String json();
}
