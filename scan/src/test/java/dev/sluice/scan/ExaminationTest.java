package dev.sluice.scan;

import static dev.sluice.scan.Scanned.examined;
import static dev.sluice.scan.Scanned.finding;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Each built-in check: what it sees, and what looks like it and must pass.
class ExaminationTest {
    private static final String TABLE = "Datum;Betrag;Zweck\n31.01.2025;-12,50;Kaffee\n";
    private static final String EICAR =
            "X5O!P%@AP[4\\PZX54(P^)7CC)7}".concat("$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

    private static byte[] hex(String start) {
        byte[] magic = HexFormat.of().parseHex(start);
        byte[] file = new byte[200];
        System.arraycopy(magic, 0, file, 0, magic.length);
        return file;
    }

    private static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }

    // ---- What a file is by its beginning

    static Stream<Arguments> otherThings() {
        return Stream.of(
                argumentSet("a Windows program", hex("4d5a90000300000004000000ffff0000"), Finding.Kind.EXECUTABLE),
                argumentSet("a Windows program of 4 bytes", new byte[] {'M', 'Z', 0, 1}, Finding.Kind.EXECUTABLE),
                argumentSet("an ELF program", hex("7f454c46020101"), Finding.Kind.EXECUTABLE),
                argumentSet("a Mach-O program", hex("cffaedfe07000001"), Finding.Kind.EXECUTABLE),
                argumentSet("a Mach-O program, big-endian", hex("feedface"), Finding.Kind.EXECUTABLE),
                argumentSet("a Java class", hex("cafebabe00000045"), Finding.Kind.EXECUTABLE),
                argumentSet("WebAssembly", hex("0061736d01000000"), Finding.Kind.EXECUTABLE),
                argumentSet("a Windows shortcut", hex("4c00000001140200"), Finding.Kind.EXECUTABLE),
                argumentSet("a ZIP archive", hex("504b0304140000"), Finding.Kind.ARCHIVE),
                argumentSet("an empty ZIP archive", hex("504b0506"), Finding.Kind.ARCHIVE),
                argumentSet("gzip", hex("1f8b0800"), Finding.Kind.ARCHIVE),
                argumentSet("7z", hex("377abcaf271c0004"), Finding.Kind.ARCHIVE),
                argumentSet("RAR", hex("526172211a0700"), Finding.Kind.ARCHIVE),
                argumentSet("xz", hex("fd377a585a000004"), Finding.Kind.ARCHIVE),
                argumentSet("zstd", hex("28b52ffd04"), Finding.Kind.ARCHIVE),
                argumentSet("bzip2", "BZh91AY&SY....".getBytes(ISO_8859_1), Finding.Kind.ARCHIVE),
                argumentSet("a cabinet", hex("4d53434600000000"), Finding.Kind.ARCHIVE),
                argumentSet("OLE2", hex("d0cf11e0a1b11ae1"), Finding.Kind.DOCUMENT),
                argumentSet("PDF", text("%PDF-1.7\n%more\n"), Finding.Kind.DOCUMENT),
                argumentSet("PDF behind a header line", text("Date,Amount\n%PDF-1.7\n"), Finding.Kind.DOCUMENT),
                argumentSet("RTF", text("{\\rtf1\\ansi"), Finding.Kind.DOCUMENT),
                argumentSet("PostScript", text("%!PS-Adobe-3.0"), Finding.Kind.DOCUMENT),
                argumentSet("PNG", hex("89504e470d0a1a0a"), Finding.Kind.MEDIA),
                argumentSet("JPEG", hex("ffd8ffe000104a46"), Finding.Kind.MEDIA),
                argumentSet("GIF", text("GIF89a..."), Finding.Kind.MEDIA),
                argumentSet("WAVE", "RIFF\u00ff\u00ff\u00ff\u00ffWAVEfmt ".getBytes(ISO_8859_1), Finding.Kind.MEDIA),
                argumentSet("RIFF", hex("524946462408000041424344"), Finding.Kind.MEDIA),
                argumentSet("SQLite", text("SQLite format 3\0"), Finding.Kind.DATABASE),
                argumentSet("a script", text("#!/bin/sh\nrm -rf x\n"), Finding.Kind.SCRIPT),
                argumentSet("a script by env", text("#! /usr/bin/env python3\n"), Finding.Kind.SCRIPT),
                argumentSet("a script behind a BOM", text("\ufeff#!/bin/sh\n"), Finding.Kind.SCRIPT),
                argumentSet("a batch file", text("@ECHO OFF\r\ndel x\r\n"), Finding.Kind.SCRIPT),
                argumentSet("HTML", text("<html><body>Session expired"), Finding.Kind.PAGE),
                argumentSet("HTML with its type", text("\ufeff \r\n<!DOCTYPE html>\n<html>"), Finding.Kind.PAGE),
                argumentSet("HTML in UTF-16", "\ufeff<HTML>".getBytes(UTF_16LE), Finding.Kind.PAGE),
                argumentSet("a script for a browser", text("<script>alert(1)</script>"), Finding.Kind.PAGE),
                argumentSet("XML", text("<?xml version=\"1.0\"?><Document/>"), Finding.Kind.PAGE));
    }

    @ParameterizedTest
    @MethodSource("otherThings")
    void aFileThatBeginsAsSomethingElseIsRefused(byte[] file, Finding.Kind kind) {
        Finding finding = finding(file, kind);

        assertThat(finding.refuses()).isTrue();
        assertThat(finding.offset()).isZero();
        assertThat(examined(file).refusing()).contains(finding);
    }

    static Stream<Arguments> tables() {
        return Stream.of(
                argumentSet("nothing", ""),
                argumentSet("one letter", "M"),
                argumentSet("MZ as a column", "MZ;Betrag\nA;1\n"),
                argumentSet("MZ alone", "MZ"),
                argumentSet("PK as a column", "PK,Name\n1,Anna\n"),
                argumentSet("Rar! as a cell", "Rar!,1\n"),
                argumentSet("RIFF as a column", "RIFF,Date,WAVE\n1,2,3\n"),
                argumentSet("7z as a column", "7z,a\n"),
                argumentSet("BZh as a column", "BZh9,a\n"),
                argumentSet("GIF as a column", "GIF,a\n"),
                argumentSet("PDF as a word", "%PDF share,Pages\n12,3\n"),
                argumentSet("PDF late", "a,b\n".repeat(300) + "x,%PDF-1.7\n"),
                argumentSet("a comment", "#! export of 2025\na,b\n"),
                argumentSet("a comment of Firefly's sort", "# a,b\n1,2\n"),
                argumentSet("at a name", "@echo,off\n"),
                argumentSet("less than", "<10,a\n<htmlfoo,b\n"),
                argumentSet("Excel's line", "sep=;\na;b\n"),
                argumentSet("XML as a word", "<?xmlish,a\n"),
                argumentSet("a BOM", "\ufeffDatum;Betrag\n"),
                argumentSet("the magic late", "a;b\n7z\u00bc\u00af;\u00d0\u00cf\n"));
    }

    @ParameterizedTest
    @MethodSource("tables")
    void aTableThatBeginsLikeSomethingElseHasNothingAgainstIt(String table) {
        assertThat(examined(text(table)).findings()).isEmpty();
    }

    // ---- The test file of virus scanners

    @Test
    void eicarIsFoundInAQuotedCellAndItsPlaceIsTold() {
        Finding finding = finding(text(TABLE + "1;2;\"" + EICAR + "\"\n"), Finding.Kind.EICAR);

        assertThat(finding.refuses()).isTrue();
        assertThat(finding.offset()).isEqualTo(TABLE.length() + 5);
        assertThat(finding.sentence()).endsWith("at byte " + finding.offset());
    }

    /// All of whose characters lie beyond Latin: no byte of it says so by being zero.
    @Test
    void whatAFileIsSaidToBeIsSeenWhereNothingInItShowsIt() {
        String row = "\u65e5\u4ed8\u91d1\u984d\u652f\u6255".repeat(400);
        byte[] file = (row + "\n<?php").getBytes(UTF_16BE);
        assertThat(Scanned.examined(file, UTF_16BE).findings())
                .extracting(Finding::kind)
                .contains(Finding.Kind.SCRIPT);
        assertThat(Scanned.examined(file, StandardCharsets.UTF_8).findings())
                .extracting(Finding::kind)
                .doesNotContain(Finding.Kind.SCRIPT);
    }

    @Test
    void eicarIsFoundInUtf16() {
        byte[] file = ("\ufeff" + TABLE + EICAR).getBytes(UTF_16BE);

        assertThat(finding(file, Finding.Kind.EICAR).offset()).isEqualTo(2L * (1 + TABLE.length()));
    }

    @Test
    void whatOnlySpeaksOfEicarPasses() {
        assertThat(examined(text(TABLE + "1;2;EICAR-STANDARD-ANTIVIRUS-TEST-FILE\n" + EICAR.replace('7', '8') + "\n"
                                + EICAR.substring(0, 67) + ";\n}$EICAR\n"))
                        .findings())
                .isEmpty();
    }

    // ---- NULs, control characters, UTF-16

    @Test
    void aNulIsRefusedWhereverItStands() {
        byte[] file = text(TABLE.repeat(3).replaceFirst("Kaffee", "Kaf\0ee"));

        Finding finding = finding(file, Finding.Kind.NULS);
        assertThat(finding.refuses()).isTrue();
        assertThat(finding.offset()).isEqualTo(TABLE.indexOf("Kaffee") + 3);
        assertThat(finding(text("a,b\n1,\0\n"), Finding.Kind.NULS).offset()).isEqualTo(6);
    }

    static Stream<Arguments> utf16() {
        String[] texts = {
            TABLE,
            "Дата;Сумма;Назначение\n31.01.2025;-12,50;Кофе\n31.01.2025;-2,50;Чай\n",
            "日期,金额\n2025-01-31,-12.50\n",
            "a\n"
        };
        return Stream.of(texts)
                .flatMap(text -> Stream.of(UTF_16LE, UTF_16BE)
                        .map(charset ->
                                argumentSet(charset + " " + text.substring(0, 2).strip(), text, charset)));
    }

    @ParameterizedTest
    @MethodSource("utf16")
    void utf16HasNoNulsByItsMark(String text, Charset charset) {
        assertThat(examined(("\ufeff" + text).getBytes(charset)).findings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("utf16")
    void utf16HasNoNulsWithoutAMark(String text, Charset charset) {
        assertThat(examined(text.getBytes(charset)).findings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("utf16")
    void aNulInUtf16IsOne(String text, Charset charset) {
        byte[] file = ("\ufeff" + text + "x\0y\n").getBytes(charset);

        assertThat(finding(file, Finding.Kind.NULS).offset()).isEqualTo(2L * (1 + text.length() + 1));
    }

    @Test
    void aFewControlCharactersAreAWarning() {
        Finding finding = finding(text(TABLE.repeat(10) + "a;\u001b[31mred;\u0007\n"), Finding.Kind.CONTROLS);

        assertThat(finding.refuses()).isFalse();
        assertThat(finding.count()).isEqualTo(2);
        assertThat(finding.offset()).isEqualTo(TABLE.length() * 10 + 2);
    }

    @Test
    void manyControlCharactersAreNoText() {
        byte[] noise = new byte[4096];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (byte) (1 + i * 7 % 255);
        }

        assertThat(finding(noise, Finding.Kind.BINARY).refuses()).isTrue();
    }

    @Test
    void theLastCharacterOfDosAndTabsAndEveryLineEndPass() {
        assertThat(examined(text("a\tb\r\n1\t2\rx\ty\n\u001a")).findings()).isEmpty();
        assertThat(examined("a\tb\r\n1\t2\n\u001a".getBytes(UTF_16LE)).findings())
                .isEmpty();
        assertThat(finding(text("a\tb\n\u001a1\t2\n"), Finding.Kind.CONTROLS).offset())
                .isEqualTo(4);
    }

    // ---- Markup and scripts

    @Test
    void aPhpScriptIsRefusedWhereverItStands() {
        Finding finding = finding(text(TABLE + "1;2;<?PHP system($_GET[0]);\n"), Finding.Kind.SCRIPT);

        assertThat(finding.refuses()).isTrue();
        assertThat(finding.offset()).isEqualTo(TABLE.length() + 4);
    }

    @Test
    void markupInACellIsAWarning() {
        Finding finding =
                finding(text(TABLE + "1;2;<ScRiPt src=x>\n1;2;<script>\n1;2;<html lang=de>\n"), Finding.Kind.MARKUP);

        assertThat(finding.refuses()).isFalse();
        assertThat(finding.count()).isEqualTo(3);
        assertThat(finding.offset()).isEqualTo(TABLE.length() + 4);
    }

    @Test
    void markupIsFoundInUtf16() {
        byte[] file = ("\ufeff" + TABLE + "<script>").getBytes(UTF_16LE);

        assertThat(finding(file, Finding.Kind.MARKUP).offset()).isEqualTo(2L * (1 + TABLE.length()));
    }

    @Test
    void wordsThatOnlyBeginLikeMarkupPass() {
        assertThat(examined(text(TABLE + "<scripture reading>;< script>;<?phpinfo;script;<htmlx;<3;<"))
                        .findings())
                .isEmpty();
    }

    // ---- Programs in base64

    private static String base64(String startInHex, int size) {
        byte[] program = new byte[size];
        byte[] start = HexFormat.of().parseHex(startInHex);
        System.arraycopy(start, 0, program, 0, start.length);
        return Base64.getEncoder().encodeToString(program);
    }

    static Stream<Arguments> programs() {
        String dos = "4d5a90000300000004000000ffff0000b800000000000000400000000000000000000000";
        return Stream.of(
                argumentSet("in a cell", base64(dos, 1000)),
                argumentSet("in a quoted cell", "\"" + base64(dos, 1000) + "\""),
                argumentSet("in a data URI", "data:application/octet-stream;base64," + base64(dos, 1000)),
                argumentSet("in lines", "\"" + base64(dos, 1000).replaceAll("(.{76})", "$1\r\n") + "\""),
                argumentSet("of Borland's", base64("4d5a50000200000004000f00ffff0000", 1000)),
                argumentSet("bare", base64("4d5a", 1000)),
                argumentSet("for ELF", base64("7f454c4602010100000000000000000002003e00", 1000)));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aProgramInBase64IsRefused(String cell) {
        Finding finding = finding(text(TABLE + "1;2;" + cell + "\n"), Finding.Kind.BASE64_EXECUTABLE);

        assertThat(finding.refuses()).isTrue();
        assertThat(finding.offset())
                .isEqualTo(TABLE.length() + 4 + Math.max(cell.indexOf("TV"), cell.indexOf("f0VMR")));
    }

    @Test
    void keysAndPicturesAndWordsThatOnlyBeginLikeAProgramPass() {
        String random = Base64.getEncoder().encodeToString(random(300));
        assertThat(examined(text(TABLE + "TVqQ;TVqQAAMAAAAEAAAA;TVqQ" + random + ";xTVqQ" + "A".repeat(300)
                                + ";f0VMRg;TVo;" + "f0VMR" + random + ";ATV GmbH;V;VV;T\n"))
                        .findings())
                .isEmpty();
    }

    private static byte[] random(int size) {
        var bytes = new byte[size];
        new java.util.Random(7).nextBytes(bytes);
        return bytes;
    }

    // ---- Characters that turn the direction of text

    static Stream<Integer> turns() {
        return Stream.of(0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069);
    }

    @ParameterizedTest
    @MethodSource("turns")
    void whatTurnsTheDirectionOfTextIsAWarning(int turn) {
        String text = TABLE + "a;" + Character.toString(turn) + "b\n";

        Finding finding = finding(text(text), Finding.Kind.BIDI);
        assertThat(finding.refuses()).isFalse();
        assertThat(finding.offset()).isEqualTo(TABLE.length() + 2);
        for (Charset charset : new Charset[] {UTF_16LE, UTF_16BE}) {
            assertThat(finding(("\ufeff" + text).getBytes(charset), Finding.Kind.BIDI)
                            .offset())
                    .isEqualTo(2L * (1 + TABLE.length() + 2));
        }
    }

    @Test
    void otherPunctuationAndHebrewAndArabicPass() {
        String text = TABLE + "\u2029;\u202f;\u2065;\u206a;\u200e;\u200f;€;–;„“;שלום;مرحبا\n";

        assertThat(examined(text(text)).findings()).isEmpty();
        assertThat(examined(("\ufeff" + text).getBytes(UTF_16LE)).findings()).isEmpty();
        assertThat(examined(new byte[] {'a', (byte) 0xe2}).findings()).isEmpty();
        assertThat(examined(new byte[] {'a', (byte) 0xe2, (byte) 0x80}).findings())
                .isEmpty();
    }

    // ---- Lines

    @Test
    void aLineOverOneMebibyteIsRefusedAndOneOfExactlyThatPasses() {
        String longest = "x".repeat(1 << 20);

        assertThat(examined(text(TABLE + longest + "\r\n" + longest)).findings())
                .isEmpty();
        Finding middle = finding(text(TABLE + longest + "x\n" + TABLE), Finding.Kind.LONG_LINE);
        assertThat(middle.refuses()).isTrue();
        assertThat(middle.offset()).isEqualTo(TABLE.length());
        Finding last = finding(text(TABLE + longest.repeat(3)), Finding.Kind.LONG_LINE);
        assertThat(last.offset()).isEqualTo(TABLE.length());
        Finding wide = finding(("\ufeff" + TABLE + longest).getBytes(UTF_16LE), Finding.Kind.LONG_LINE);
        assertThat(wide.offset()).isEqualTo(2L * (1 + TABLE.length()));
    }

    // ---- Several at once

    @Test
    void theGravestFindingIsTheReason() {
        Examined examined = examined(text("\u202e<script>" + "\0" + EICAR));

        assertThat(examined.findings())
                .extracting(Finding::kind)
                .containsExactly(Finding.Kind.EICAR, Finding.Kind.NULS, Finding.Kind.MARKUP, Finding.Kind.BIDI);
        assertThat(examined.refusing()).map(Finding::kind).contains(Finding.Kind.EICAR);
    }

    @Test
    void ordinaryStatementsOfEveryEncodingHaveNothingAgainstThem() {
        String text = "Buchungstag;Betrag;Währung;Zweck\n31.01.2025;1.234,56;€;Müller & Söhne „GmbH“ <Rechnung>\n"
                .repeat(40000);
        for (String charset : new String[] {"UTF-8", "windows-1252", "UTF-16LE", "UTF-16BE"}) {
            assertThat(examined(text.getBytes(Charset.forName(charset))).findings())
                    .as(charset)
                    .isEmpty();
        }
    }
}
