package dev.sluice.fakes;

import org.jspecify.annotations.Nullable;

/// An object or file that can be seen.
public final class Stored {
    private final String id;
    private final String name;
    private final Content content;

    Stored(String id, String name, Content content) {
        this.id = id;
        this.name = name;
        this.content = content;
    }

    /// Drive's id of a file; the bucket and the generation of an object.
    public String id() {
        return id;
    }

    public String name() {
        return name;
    }

    public long size() {
        return content.size();
    }

    /// In hexadecimal; null where the fake keeps no checksums.
    public @Nullable String md5() {
        return content.md5Hex();
    }

    /// Its bytes, where the fake keeps them.
    public byte[] bytes() {
        return content.bytes();
    }

    void discard() {
        content.delete();
    }

    @Override
    public String toString() {
        return id + " " + name + " " + size();
    }
}
