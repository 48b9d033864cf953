package dev.sluice.files;

/// What an operation may leave until it is over: what that is, its journal says.
///
/// @param operation `copy`, `move` or `rename`
record OperationDebt(String operation) {
    static final String TYPE = "operation";
    /// The journal itself, once its job is forgotten.
    static final String JOURNAL = "operation-journal";
}
