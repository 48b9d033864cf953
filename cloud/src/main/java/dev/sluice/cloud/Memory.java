package dev.sluice.cloud;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Memory for one part: filled from its start by one thread at a time, then, as it [#flies], read by any number.
/// [#release] gives it back, after which nobody may touch it.
public final class Memory {
    private final List<ByteBuffer> pieces;
    private final Buffers.Share share;
    private final AtomicBoolean released = new AtomicBoolean();
    private int filling;
    private long size;

    Memory(List<ByteBuffer> pieces, Buffers.Share share) {
        this.pieces = List.copyOf(pieces);
        this.share = share;
    }

    List<ByteBuffer> pieces() {
        return pieces;
    }

    /// How many bytes it holds.
    public long size() {
        return size;
    }

    /// Takes all of `bytes`, which must fit.
    public void add(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            ByteBuffer piece = pieces.get(filling);
            int count = Math.min(piece.remaining(), bytes.remaining());
            piece.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            size += count;
            if (!piece.hasRemaining()) {
                filling++;
            }
        }
    }

    /// What it holds from `offset` on; each call gives buffers of its own.
    public List<ByteBuffer> from(long offset) {
        var read = new ArrayList<ByteBuffer>();
        long begin = 0;
        for (ByteBuffer piece : pieces) {
            int from = (int) Math.max(0, Math.min(piece.position(), offset - begin));
            if (from < piece.position()) {
                read.add(piece.slice(from, piece.position() - from));
            }
            begin += piece.capacity();
        }
        return read;
    }

    /// It is filled, and is given back when it has been sent.
    void flies() {
        share.flies(this);
    }

    public void release() {
        if (released.compareAndSet(false, true)) {
            share.takeBack(this);
        }
    }
}
