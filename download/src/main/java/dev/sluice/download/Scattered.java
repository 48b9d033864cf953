package dev.sluice.download;

import dev.sluice.storage.Deposit;
import java.nio.ByteBuffer;

/// A storage that takes bytes anywhere.
record Scattered(Deposit deposit) implements Landing {
    @Override
    public boolean isAnywhere() {
        return true;
    }

    @Override
    public boolean isTurn(long offset) {
        return true;
    }

    @Override
    public void write(long offset, ByteBuffer bytes) {
        deposit.storage().call(() -> {
            deposit.upload().write(offset, bytes);
            return bytes;
        });
    }
}
