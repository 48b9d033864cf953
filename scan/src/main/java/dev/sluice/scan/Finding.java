package dev.sluice.scan;

import java.util.Locale;

/// What the built-in checks have seen in a file.
///
/// @param sentence what it is, where it first is, and what to do
/// @param offset of the first one, in bytes from the start of the file
/// @param count how many there are, at least 1
public record Finding(Kind kind, String sentence, long offset, long count) {

    /// Whether it keeps the file out.
    public boolean refuses() {
        return kind.refuses();
    }

    /// The sorts of things that are looked for.
    public enum Kind {
        /// The test file that every virus scanner knows, anywhere, in a quoted cell too. Refuses.
        EICAR(true),
        /// It begins as a program does: Windows (`MZ`), ELF, Mach-O, Java, WebAssembly. Refuses.
        EXECUTABLE(true),
        /// It begins as an archive does: ZIP (and so `.xlsx`), gzip, 7z, RAR, bzip2, xz, zstd, CAB. Refuses.
        ARCHIVE(true),
        /// It begins as a document does: PDF (in its first KiB), OLE2 (`.xls`), RTF, PostScript. Refuses.
        DOCUMENT(true),
        /// It begins as an image, a sound or a film does: PNG, JPEG, GIF, RIFF. Refuses.
        MEDIA(true),
        /// It begins as a database file does: SQLite. Refuses.
        DATABASE(true),
        /// It begins as HTML or XML does. Refuses.
        PAGE(true),
        /// It begins as a script does (`#!/`, `@echo off`), or has `<?php` anywhere. Refuses.
        SCRIPT(true),
        /// It has NULs: no text does, UTF-16 included. Refuses.
        NULS(true),
        /// One character of a hundred or more is a control character, at least 8 of them. Refuses.
        BINARY(true),
        /// A long run of base64 begins as a program does, for Windows or ELF, anywhere. Refuses.
        BASE64_EXECUTABLE(true),
        /// A line is longer than 1 MiB. Refuses.
        LONG_LINE(true),
        /// `<script` or `<html` in a cell: text here, a danger in a page that shows it unescaped. Warns.
        MARKUP(false),
        /// Some control characters other than tabs and line ends; one U+001A at the very end is none. Warns.
        CONTROLS(false),
        /// Characters that turn the direction of text (U+202A–E, U+2066–9), by which a cell may look like another.
        /// Telephones put them around numbers, too. Warns.
        BIDI(false);

        private final boolean refuses;

        Kind(boolean refuses) {
            this.refuses = refuses;
        }

        /// Whether it keeps a file out; otherwise it is worth a warning.
        public boolean refuses() {
            return refuses;
        }

        /// The code as it stands in documents: `base64_executable`.
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
