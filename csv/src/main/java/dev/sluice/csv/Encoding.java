package dev.sluice.csv;

import java.nio.charset.Charset;

/// How the bytes of a file are characters.
///
/// @param bom how many bytes at the beginning only say which encoding it is
/// @param assumed whether nothing in the file shows it
public record Encoding(Charset charset, int bom, boolean assumed) {
    /// Bytes of the smallest unit: line ends are looked for in steps of it.
    int unit() {
        return charset.name().startsWith("UTF-16") ? 2 : 1;
    }

    boolean bigEndian() {
        return charset.name().equals("UTF-16BE");
    }
}
