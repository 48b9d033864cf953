package dev.sluice.realtime;

/// The close codes of the wire contract that the hub uses.
final class CloseCode {
    static final int BROKEN = 1011;
    static final int SLOW = 4010;
    static final int DRAINING = 4011;

    private CloseCode() {}
}
