package dev.sluice.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.transform.Source;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.SAXException;

class ManifestTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:34:56.789Z");
    private static final Manifest.Creation WHO = new Manifest.Creation(NOON, "cutting-room", "Sluice", "1.2");

    @TempDir
    Path root;

    Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(root.resolve("A002R2EC"));
    }

    // ---- Writing and reading

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        List<Manifest.Entry> entries = List.of(
                entry("Clips/A002C006.mov", HashKind.XXH64, "0ea03b369a463d9d"),
                entry("Clips/Übersicht & <Schnitt> \"1\" ]]>.mov", HashKind.MD5, "bb649c83dd1ea5c9d9dec9a18df0ffe9"),
                entry(" two  spaces ", HashKind.XXH64, "0000000000000001"),
                entry("line\nfeed, carriage\rreturn, both\r\nand\ttab", HashKind.XXH64, "0000000000000002"),
                entry("🎬 日本語 A\u030a.exr", HashKind.XXH64, "0000000000000003"));
        Path file = Manifest.write(folder, WHO, entries);

        assertThat(file).hasFileName("0001_A002R2EC_2026-03-01_123456Z.mhl");
        Manifest read = Manifest.read(file);
        assertThat(read.creation()).isEqualTo(WHO);
        assertThat(read.entries()).containsExactlyInAnyOrderElementsOf(entries);
        assertThat(read.unknown()).isEmpty();
        assertThat(read.ignored()).isEqualTo(Manifest.IGNORED);
    }

    @Test
    void aFolderHoldsItsManifestsAndTheirChainAndNothingElse() throws IOException {
        Manifest.write(folder, WHO, List.of(entry("a", HashKind.XXH64, "0000000000000001")));
        assertThat(names()).containsExactly("0001_A002R2EC_2026-03-01_123456Z.mhl", "ascmhl_chain.xml");
    }

    @Test
    void aSecondGenerationVerifiesWhatTheFirstKnows() throws IOException {
        Manifest.write(
                folder,
                WHO,
                List.of(
                        entry("same", HashKind.XXH64, "0000000000000001"),
                        entry("changed", HashKind.XXH64, "0000000000000002"),
                        entry("otherwise", HashKind.XXH64, "0000000000000003")));
        Path second = Manifest.write(
                folder,
                WHO,
                List.of(
                        entry("same", HashKind.XXH64, "0000000000000001"),
                        entry("changed", HashKind.XXH64, "000000000000000f"),
                        entry("otherwise", HashKind.MD5, "bb649c83dd1ea5c9d9dec9a18df0ffe9"),
                        entry("new", HashKind.XXH64, "0000000000000004"),
                        entry("bad", HashKind.XXH64, "0000000000000005").as(Manifest.Action.FAILED)));

        assertThat(second).hasFileName("0002_A002R2EC_2026-03-01_123456Z.mhl");
        assertThat(Manifest.read(second).entries())
                .extracting(Manifest.Entry::path, Manifest.Entry::action)
                .containsExactly(
                        tuple("bad", Manifest.Action.FAILED),
                        tuple("changed", Manifest.Action.ORIGINAL),
                        tuple("new", Manifest.Action.ORIGINAL),
                        tuple("otherwise", Manifest.Action.ORIGINAL),
                        tuple("same", Manifest.Action.VERIFIED));

        var chain = chain();
        assertThat(chain.faults()).isEmpty();
        assertThat(chain.links()).extracting(ManifestChain.Link::number).containsExactly(1, 2);
        Map<String, Manifest.Entry> newest = chain.newest();
        assertThat(newest.get("changed")).extracting(Manifest.Entry::hash).isEqualTo("000000000000000f");
        assertThat(newest.get("otherwise")).extracting(Manifest.Entry::kind).isEqualTo(HashKind.MD5);
        assertThat(newest).doesNotContainKey("bad");
    }

    @Test
    void hashesOfOneFileStandInOneElement() throws IOException {
        Path file = Manifest.write(
                folder,
                WHO,
                List.of(
                        entry("a", HashKind.MD5, "bb649c83dd1ea5c9d9dec9a18df0ffe9"),
                        entry("a", HashKind.XXH64, "0000000000000001")));
        assertThat(Files.readString(file)).containsOnlyOnce("<hash>");
        assertThat(Manifest.read(file).entries())
                .extracting(Manifest.Entry::kind)
                .containsExactly(HashKind.XXH64, HashKind.MD5);
        assertThat(chain().newest().get("a")).extracting(Manifest.Entry::kind).isEqualTo(HashKind.XXH64);
    }

    @Test
    void aBatchOf20000FramesIsWrittenAndRead() throws IOException {
        var entries = new ArrayList<Manifest.Entry>();
        for (int frame = 1001; frame < 21_001; frame++) {
            entries.add(entry("comp & co/shot.%05d.exr".formatted(frame), HashKind.XXH64, "%016x".formatted(frame)));
        }
        Path file = Manifest.write(folder, WHO, entries);
        assertThat(Manifest.read(file).entries()).isEqualTo(entries);
    }

    // ---- The schema

    /// Our own schemas, which are narrower than the published ones. With `-Dsluice.ascmhl.xsd=FOLDER`, where
    /// `ASCMHL.xsd` and `ASCMHLDirectory.xsd` of github.com/ascmitc/mhl, `xsd/`, lie, those have to accept them as
    /// well.
    @Test
    void manifestAndChainAreAsTheirSchemaWantsThem() throws Exception {
        writeAll();
        requireValid(schema(
                new StreamSource(ManifestTest.class.getResource("manifest.xsd").toString()),
                new StreamSource(ManifestTest.class.getResource("chain.xsd").toString())));
        String published = System.getProperty("sluice.ascmhl.xsd");
        if (published != null) {
            Path home = Path.of(published);
            requireValid(schema(source(home.resolve("ASCMHL.xsd")), source(home.resolve("ASCMHLDirectory.xsd"))));
        }
    }

    private void writeAll() throws IOException {
        Manifest.write(folder, WHO, List.of());
        Manifest.write(
                folder,
                WHO,
                List.of(
                        entry("Übersicht & <1>\r.mov", HashKind.XXH64, "0000000000000001"),
                        entry("Übersicht & <1>\r.mov", HashKind.MD5, "bb649c83dd1ea5c9d9dec9a18df0ffe9"),
                        new Manifest.Entry(
                                "old", 0L, Instant.MIN, HashKind.XXH64, "0000000000000002", Manifest.Action.FAILED),
                        new Manifest.Entry(
                                "unsaid", null, null, HashKind.XXH64, "0000000000000003", Manifest.Action.ORIGINAL)));
        Manifest.write(folder, WHO, List.of(entry("old", HashKind.XXH64, "0000000000000003")));
        assertThat(names()).hasSize(4);
    }

    private void requireValid(Schema schema) throws IOException, SAXException {
        for (String name : names()) {
            schema.newValidator().validate(source(home().resolve(name)));
        }
    }

    /// The schemas as they are: what one of them imports is among them, and nothing is fetched.
    private static Schema schema(Source... sources) throws SAXException {
        SchemaFactory schemas = SchemaFactory.newDefaultInstance();
        schemas.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
        schemas.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        return schemas.newSchema(sources);
    }

    private static Source source(Path file) {
        return new StreamSource(file.toUri().toString());
    }

    // ---- Names

    @Test
    void whatAManifestCannotTellIsRefused() {
        for (String path : List.of("a\u0007b", "\u0000", "half \ud83c pair", "not \uffff text")) {
            assertThatThrownBy(() -> entry(path, HashKind.XXH64, "0000000000000001"))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("which XML cannot hold");
        }
        for (String path : List.of("", "/etc/passwd", "../a", "a/../b", "a//b", "a/", "./a")) {
            assertThatThrownBy(() -> entry(path, HashKind.XXH64, "0000000000000001"))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("must lead from its folder down to a file");
        }
        for (String hash : List.of("", "0EA03B369A463D9D", "0ea03b369a463d9", "bb649c83dd1ea5c9d9dec9a18df0ffe9")) {
            assertThatThrownBy(() -> entry("a", HashKind.XXH64, hash))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("this is no xxh64");
        }
    }

    @Test
    void sha256AndTwoHashesOfAKindAreRefusedAndLeaveNothing() {
        assertThatThrownBy(() -> Manifest.write(folder, WHO, List.of(entry("a", HashKind.SHA256, "0".repeat(64)))))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("ASC MHL has no sha256: verify with xxh64 or md5");
        var one = entry("a", HashKind.XXH64, "0000000000000001");
        assertThatThrownBy(() -> Manifest.write(folder, WHO, List.of(one, one)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("two xxh64 hashes of a");
        assertThat(home()).doesNotExist();
    }

    @Test
    void theNameOfAFolderIsCutWhereItIsTooLong() throws IOException {
        folder = Files.createDirectory(root.resolve("Ä".repeat(120) + "\u0007x"));
        Path file = Manifest.write(folder, WHO, List.of());
        String name = file.getFileName().toString();
        assertThat(name).startsWith("0001_ÄÄ").endsWith("Ä_2026-03-01_123456Z.mhl");
        assertThat(name.getBytes(StandardCharsets.UTF_8).length).isBetween(254, 255);
        assertThat(chain().faults()).isEmpty();
    }

    @Test
    void pathsAreToldWithSlashesBelowTheirFolder() {
        assertThat(Manifest.pathOf(folder, folder.resolve("a b").resolve("ü.exr")))
                .isEqualTo("a b/ü.exr");
        assertThatThrownBy(() -> Manifest.pathOf(folder, folder.resolve("a\u0007")))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> Manifest.pathOf(folder, root)).isInstanceOf(ProblemException.class);
    }

    // ---- The chain

    @Test
    void aChangedManifestIsFoundAndNothingIsAddedToItsChain() throws IOException {
        Path file = Manifest.write(folder, WHO, List.of(entry("a", HashKind.XXH64, "0000000000000001")));
        Files.writeString(file, Files.readString(file).replace("0000000000000001", "0000000000000002"));

        assertThat(chain().faults()).singleElement().satisfies(fault -> {
            assertThat(fault.path()).isEqualTo("ascmhl/" + file.getFileName());
            assertThat(fault.state()).isEqualTo(Finding.State.CHANGED);
            assertThat(fault.expected()).startsWith("c4").isNotEqualTo(fault.found());
        });
        assertThatThrownBy(() -> Manifest.write(folder, WHO, List.of()))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
                .hasMessageContaining("whose chain is broken at ascmhl/0001_A002R2EC_")
                .hasMessageContaining("move the folder ascmhl away");
    }

    @Test
    void aManifestThatIsGoneAndOneThatCannotBeReadAreFound() throws IOException {
        Path first = Manifest.write(folder, WHO, List.of());
        Path second = Manifest.write(folder, WHO, List.of());
        Files.delete(first);
        Files.writeString(second, "<hashlist xmlns=\"urn:ASC:MHL:v2.0\" version=\"2.0\"><creatorinfo>");
        assertThat(chain().faults())
                .extracting(Finding::state)
                .containsExactlyInAnyOrder(Finding.State.MISSING, Finding.State.UNREADABLE);
    }

    @Test
    void aManifestThatACrashLeftOutsideTheChainIsToldAndNoObstacle() throws IOException {
        Manifest.write(folder, WHO, List.of(entry("a", HashKind.XXH64, "0000000000000001")));
        Files.delete(home().resolve(ManifestChain.FILE));
        assertThat(chain().faults()).extracting(Finding::state).containsExactly(Finding.State.UNREGISTERED);
        assertThat(Manifest.write(folder, WHO, List.of()).getFileName().toString())
                .startsWith("0002_");
    }

    @Test
    void leftoversOfACrashAreReplaced() throws IOException {
        Files.createDirectory(home());
        Files.writeString(home().resolve(".sluice-manifest.part"), "half");
        Path elsewhere = Files.writeString(root.resolve("elsewhere"), "untouched");
        Files.createSymbolicLink(home().resolve(".sluice-chain.part"), elsewhere);
        Manifest.write(folder, WHO, List.of());
        assertThat(names()).hasSize(2);
        assertThat(elsewhere).hasContent("untouched");
    }

    @Test
    void aChainThatCannotBeWrittenLeavesNoManifest() throws IOException {
        Files.createDirectories(home().resolve(ManifestChain.FILE).resolve("in the way"));
        assertThatThrownBy(() -> Manifest.write(folder, WHO, List.of())).isInstanceOf(IOException.class);
        assertThat(names()).containsExactly(ManifestChain.FILE);
    }

    @Test
    void aLinkInPlaceOfTheFolderOfManifestsIsRefused() throws IOException {
        Files.createSymbolicLink(home(), Files.createDirectory(root.resolve("elsewhere")));
        assertThatThrownBy(() -> Manifest.write(folder, WHO, List.of()))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("links are not followed");
    }

    @Test
    void c4IsAsOthersComputeIt() {
        assertThat(c4("alfa"))
                .isEqualTo(
                        "c43zYcLni5LF9rR4Lg4B8h3Jp8SBwjcnyyeh4bc6gTPHndKuKdjUWx1kJPYhZxYt3zV6tQXpDs2shPsPYjgG81wZM1");
        assertThat(c4("bravo"))
                .isEqualTo(
                        "c42jd8KUQG9DKppN1qt5aWS3PAmdPmNutXyVTb8H123FcuU3shPxpUXsVdcouSALZ4PaDvMYzQSMYCWkb6rop9zhDa");
        assertThat(C4.of(new byte[64])).isEqualTo("c4" + "1".repeat(88));
    }

    // ---- What others wrote

    @Test
    void aForeignManifestIsUnderstood() throws IOException {
        Path file = foreign("""
                <?xml version="1.0" encoding="UTF-8"?>
                <!-- by another tool -->
                <hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
                  <creatorinfo>
                    <creationdate>2020-01-16T09:15:00+02:00</creationdate>
                    <hostname>myHost.local</hostname>
                    <tool version="0.0.1">ascmhl.py</tool>
                    <author role="DIT">Somebody</author>
                  </creatorinfo>
                  <processinfo>
                    <process>in-place</process>
                    <roothash><content><xxh64>8d02114c32e28cbe</xxh64></content><structure><xxh64>27183c4b33f434e4</xxh64></structure></roothash>
                    <ignore><pattern>*.tmp</pattern></ignore>
                  </processinfo>
                  <hashes>
                    <hash>
                      <path size="5" lastmodificationdate="2020-01-15T13:00:00">Clips/a.mov</path>
                      <c4 action="original">c4x</c4>
                      <xxh64 action="verified" hashdate="2020-01-16T09:15:00Z">0EA03B369A463D9D</xxh64>
                      <metadata><anything xmlns="urn:x">at all</anything></metadata>
                    </hash>
                    <directoryhash><path>Clips</path><content><md5>x</md5></content><structure><md5>x</md5></structure></directoryhash>
                    <hash><path>b.mov</path><xxh128>x</xxh128><sha1>x</sha1></hash>
                  </hashes>
                  <references><hashlistreference><path>A/ascmhl/0001.mhl</path><c4>c4x</c4></hashlistreference></references>
                </hashlist>
                """);
        Manifest read = Manifest.read(file);
        assertThat(read.creation())
                .isEqualTo(new Manifest.Creation(
                        Instant.parse("2020-01-16T07:15:00Z"), "myHost.local", "ascmhl.py", "0.0.1"));
        assertThat(read.entries())
                .containsExactly(new Manifest.Entry(
                        "Clips/a.mov",
                        5L,
                        Instant.parse("2020-01-15T13:00:00Z"),
                        HashKind.XXH64,
                        "0ea03b369a463d9d",
                        Manifest.Action.VERIFIED));
        assertThat(read.unknown()).isEqualTo(Map.of("b.mov", "xxh128, sha1"));
        assertThat(read.ignored()).containsExactly("*.tmp");
    }

    @Test
    void whatIsNoManifestIsRefusedWithThePlace() throws IOException {
        assertRefused("", "cannot be understood");
        assertRefused("no xml", "cannot be understood");
        assertRefused("<hashlist version=\"1.1\"/>", "it is no hashlist of urn:ASC:MHL:v2.0");
        assertRefused("<hashlist xmlns=\"urn:ASC:MHL:v2.0\"/>", "it does not say who made it");
        assertRefused(
                manifest("<hash><xxh64>0000000000000001</xxh64></hash>"), "line 3: a hash stands before its path");
        assertRefused(manifest("<hash><path>../a</path><xxh64>0000000000000001</xxh64></hash>"), "the path ../a");
        assertRefused(manifest("<hash><path>a</path><xxh64>short</xxh64></hash>"), "this is no xxh64");
        assertRefused(manifest("<hash><path size=\"x\">a</path></hash>"), "line 3: ");
        assertRefused(manifest("<hash><path>a</path><md5 action=\"?\">x</md5></hash>"), "there is no action");
        assertRefused(manifest("<hash><path>a<b/></path></hash>"), "cannot be understood");
    }

    @Test
    void entitiesAreRefused() throws IOException {
        Path secret = Files.writeString(root.resolve("secret"), "secret");
        String dtd = "<!DOCTYPE hashlist [<!ENTITY e SYSTEM \"%s\">]>\n".formatted(secret.toUri());
        assertRefused(dtd + manifest("<hash><path>&e;</path></hash>"), "cannot be understood");
        assertRefused(manifest("<hash><path>&e;</path></hash>"), "cannot be understood");
    }

    @Test
    void readingStopsWhenItIsToldTo() throws IOException {
        Manifest.write(folder, WHO, List.of(entry("a", HashKind.XXH64, "0000000000000001")));
        var stop = new StopToken();
        stop.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> ManifestChain.read(folder, stop)).isInstanceOf(Stopped.class);
    }

    private static String manifest(String hashes) {
        return """
                <hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
                <creatorinfo><creationdate>2020-01-16T09:15:00Z</creationdate></creatorinfo><hashes>
                %s</hashes></hashlist>""".formatted(hashes);
    }

    private void assertRefused(String text, String why) throws IOException {
        Path file = foreign(text);
        assertThatThrownBy(() -> Manifest.read(file))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                .hasMessageContaining(why)
                .hasMessageContaining(file.toString());
    }

    private Path foreign(String text) throws IOException {
        return Files.writeString(root.resolve("foreign.mhl"), text);
    }

    private Path home() {
        return folder.resolve(ManifestChain.FOLDER);
    }

    private ManifestChain chain() throws IOException {
        return ManifestChain.read(folder, new StopToken());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(home())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static Manifest.Entry entry(String path, HashKind kind, String hash) {
        return new Manifest.Entry(path, 1234L, NOON, kind, hash, Manifest.Action.ORIGINAL);
    }

    private static String c4(String text) {
        var sha512 = C4.start();
        sha512.update(text.getBytes(StandardCharsets.US_ASCII));
        return C4.of(sha512);
    }
}
