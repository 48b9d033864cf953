package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/// Reads manifests and chains, also foreign ones: what Sluice does not write is passed over. A file with a DTD is
/// refused, so that none can bring entities along.
final class ManifestReader {
    /// The namespaces of ASC MHL 2.0.
    static final String MANIFEST = "urn:ASC:MHL:v2.0";

    static final String CHAIN = "urn:ASC:MHL:DIRECTORY:v2.0";

    private final XMLStreamReader xml;
    private final StopToken stop;
    private final List<Manifest.Entry> entries = new ArrayList<>();
    private final Map<String, String> unknown = new HashMap<>();
    private final List<String> ignored = new ArrayList<>();

    private ManifestReader(XMLStreamReader xml, StopToken stop) {
        this.xml = xml;
        this.stop = stop;
    }

    /// Reads `in` to its end, where the JDK's parser closes it.
    ///
    /// @param file what `in` comes from, for messages
    static Manifest read(InputStream in, Path file, StopToken stop) throws IOException {
        return parse(in, file, stop, ManifestReader::manifest);
    }

    /// The links of a chain, in the order of the file.
    static List<ManifestChain.Link> readChain(InputStream in, Path file, StopToken stop) throws IOException {
        return parse(in, file, stop, ManifestReader::links);
    }

    private interface Parsing<T> {
        T from(ManifestReader reader) throws XMLStreamException;
    }

    private static <T> T parse(InputStream in, Path file, StopToken stop, Parsing<T> parsing) throws IOException {
        XMLInputFactory parsers = XMLInputFactory.newDefaultFactory();
        parsers.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        parsers.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            XMLStreamReader xml = parsers.createXMLStreamReader(in);
            try {
                T parsed = parsing.from(new ManifestReader(xml, stop));
                while (xml.hasNext()) {
                    xml.next();
                }
                return parsed;
            } catch (ProblemException e) {
                throw unreadable(
                        file,
                        "line " + xml.getLocation().getLineNumber() + ": "
                                + e.problem().message(),
                        e);
            } catch (DateTimeException | NumberFormatException e) {
                throw unreadable(file, "line " + xml.getLocation().getLineNumber() + ": " + e.getMessage(), e);
            } finally {
                xml.close();
            }
        } catch (XMLStreamException e) {
            if (e.getNestedException() instanceof IOException broken) {
                throw broken;
            }
            throw unreadable(file, Manifest.shown(String.valueOf(e.getMessage())), e);
        }
    }

    private static ProblemException unreadable(Path file, String why, Exception cause) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                file + " cannot be understood: " + why + "; fetch it again from where it came from, or move it away",
                cause);
    }

    // ---- A manifest

    private Manifest manifest() throws XMLStreamException {
        Manifest.Creation creation = null;
        requireRoot(MANIFEST, "hashlist");
        while (child()) {
            switch (xml.getLocalName()) {
                case "creatorinfo" -> creation = creation();
                case "processinfo" -> process();
                case "hashes" -> hashes();
                default -> pass();
            }
        }
        if (creation == null) {
            throw invalid("it does not say who made it");
        }
        return new Manifest(creation, entries, unknown, ignored);
    }

    private Manifest.Creation creation() throws XMLStreamException {
        Instant at = null;
        String host = "";
        String tool = "";
        String version = "";
        while (child()) {
            switch (xml.getLocalName()) {
                case "creationdate" -> at = instant(xml.getElementText());
                case "hostname" -> host = xml.getElementText();
                case "tool" -> {
                    version = Objects.requireNonNullElse(attribute("version"), "");
                    tool = xml.getElementText();
                }
                default -> pass();
            }
        }
        if (at == null) {
            throw invalid("it does not say when it was made");
        }
        return new Manifest.Creation(at, host, tool, version);
    }

    private void process() throws XMLStreamException {
        while (child()) {
            if (!xml.getLocalName().equals("ignore")) {
                pass();
                continue;
            }
            while (child()) {
                ignored.add(xml.getElementText());
            }
        }
    }

    private void hashes() throws XMLStreamException {
        while (child()) {
            stop.check();
            if (xml.getLocalName().equals("hash")) {
                hash();
            } else {
                pass();
            }
        }
    }

    private void hash() throws XMLStreamException {
        String path = null;
        Long size = null;
        Instant modified = null;
        var words = new ArrayList<String>();
        boolean known = false;
        while (child()) {
            String name = xml.getLocalName();
            Optional<HashKind> kind = kind(name);
            if (name.equals("path")) {
                String bytes = attribute("size");
                String date = attribute("lastmodificationdate");
                size = bytes == null ? null : Long.valueOf(bytes.strip());
                modified = date == null ? null : instant(date);
                path = xml.getElementText();
            } else if (name.equals("previousPath") || name.equals("metadata")) {
                pass();
            } else if (path == null) {
                throw invalid("a hash stands before its path");
            } else if (kind.isPresent()) {
                Manifest.Action action = action(attribute("action"));
                String hex = xml.getElementText().strip().toLowerCase(Locale.ROOT);
                entries.add(new Manifest.Entry(path, size, modified, kind.get(), hex, action));
                known = true;
            } else {
                words.add(name);
                pass();
            }
        }
        if (path != null && !known) {
            unknown.put(path, String.join(", ", words));
        }
    }

    private static Optional<HashKind> kind(String word) {
        return Arrays.stream(HashKind.values())
                .filter(kind -> kind.word().equals(word))
                .findFirst();
    }

    /// Nothing said is taken for a first hash.
    private static Manifest.Action action(@Nullable String word) {
        if (word == null) {
            return Manifest.Action.ORIGINAL;
        }
        return switch (word) {
            case "original" -> Manifest.Action.ORIGINAL;
            case "verified" -> Manifest.Action.VERIFIED;
            case "failed" -> Manifest.Action.FAILED;
            default -> throw invalid("there is no action \"" + Manifest.shown(word) + "\"");
        };
    }

    // ---- A chain

    private List<ManifestChain.Link> links() throws XMLStreamException {
        var links = new ArrayList<ManifestChain.Link>();
        requireRoot(CHAIN, "ascmhldirectory");
        while (child()) {
            stop.check();
            if (xml.getLocalName().equals("hashlist")) {
                links.add(link());
            } else {
                pass();
            }
        }
        return links;
    }

    private ManifestChain.Link link() throws XMLStreamException {
        String number = attribute("sequencenr");
        String name = null;
        String c4 = null;
        while (child()) {
            switch (xml.getLocalName()) {
                case "path" -> name = xml.getElementText();
                case "c4" -> c4 = xml.getElementText().strip();
                default -> pass();
            }
        }
        if (number == null || name == null || c4 == null) {
            throw invalid("a link of the chain needs a number, a path and a c4");
        }
        return new ManifestChain.Link(Integer.parseInt(number.strip()), name, c4);
    }

    // ---- XML

    private void requireRoot(String namespace, String name) throws XMLStreamException {
        xml.nextTag();
        if (!namespace.equals(xml.getNamespaceURI()) || !name.equals(xml.getLocalName())) {
            throw invalid("it is no " + name + " of " + namespace);
        }
    }

    /// Goes on to the next element in this one; false at its end.
    private boolean child() throws XMLStreamException {
        return xml.nextTag() == XMLStreamConstants.START_ELEMENT;
    }

    /// Goes on to the end of this element.
    private void pass() throws XMLStreamException {
        for (int depth = 1; depth > 0; ) {
            int event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                depth++;
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                depth--;
            }
        }
    }

    private @Nullable String attribute(String name) {
        return xml.getAttributeValue(null, name);
    }

    /// XML's dateTime may lack a zone: it is then taken for UTC.
    private static Instant instant(String text) {
        var time = DateTimeFormatter.ISO_DATE_TIME.parseBest(text.strip(), OffsetDateTime::from, LocalDateTime::from);
        return time instanceof OffsetDateTime zoned
                ? zoned.toInstant()
                : LocalDateTime.from(time).toInstant(ZoneOffset.UTC);
    }

    private static ProblemException invalid(String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message);
    }
}
