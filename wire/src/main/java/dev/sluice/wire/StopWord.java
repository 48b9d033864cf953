package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.sluice.core.CancelReceipt;
import java.util.Collection;

/// Whether the node that ran a cancelled job has been told: `true`, or `"pending"` while that is on its way.
public enum StopWord {
    STOPPED(true),
    PENDING("pending");

    @SuppressWarnings("ImmutableEnumChecker") // a Boolean or a String
    private final Object word;

    StopWord(Object word) {
        this.word = word;
    }

    @JsonValue
    public Object word() {
        return word;
    }

    static StopWord of(boolean stopped) {
        return stopped ? STOPPED : PENDING;
    }

    static StopWord of(CancelReceipt receipt) {
        return of(receipt.stopped());
    }

    static StopWord of(Collection<CancelReceipt> receipts) {
        return of(receipts.stream().allMatch(CancelReceipt::stopped));
    }
}
