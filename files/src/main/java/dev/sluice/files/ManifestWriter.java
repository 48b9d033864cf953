package dev.sluice.files;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// Writes manifests and chains as the schemas of ASC MHL 2.0 (github.com/ascmitc/mhl, `xsd/`) want them.
final class ManifestWriter {
    private static final String INDENT = "  ";
    private static final Instant FIRST_DATE = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant NO_DATE = Instant.parse("+10000-01-01T00:00:00Z");

    private final XMLStreamWriter xml;

    private ManifestWriter(XMLStreamWriter xml) {
        this.xml = xml;
    }

    /// @param entries those of one file beside each other
    static void write(OutputStream out, Manifest.Creation who, List<Manifest.Entry> entries) throws IOException {
        print(out, writer -> writer.manifest(who, entries));
    }

    static void writeChain(OutputStream out, List<ManifestChain.Link> links) throws IOException {
        print(out, writer -> writer.chain(links));
    }

    private interface Printing {
        void with(ManifestWriter writer) throws XMLStreamException;
    }

    private static void print(OutputStream out, Printing printing) throws IOException {
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, "UTF-8");
            xml.writeStartDocument("UTF-8", "1.0");
            printing.with(new ManifestWriter(xml));
            xml.writeEndDocument();
            xml.flush();
            xml.close();
        } catch (XMLStreamException e) {
            throw e.getNestedException() instanceof IOException broken ? broken : new IOException(e);
        }
    }

    private void manifest(Manifest.Creation who, List<Manifest.Entry> entries) throws XMLStreamException {
        start(0, "hashlist");
        xml.writeDefaultNamespace(ManifestReader.MANIFEST);
        xml.writeAttribute("version", "2.0");

        start(1, "creatorinfo");
        text(2, "creationdate", who.at().toString());
        text(2, "hostname", who.host());
        start(2, "tool");
        xml.writeAttribute("version", who.version());
        characters(who.tool());
        xml.writeEndElement();
        end(1);

        start(1, "processinfo");
        text(2, "process", "transfer");
        start(2, "ignore");
        for (String pattern : Manifest.IGNORED) {
            text(3, "pattern", pattern);
        }
        end(2);
        end(1);

        // The schema wants no hashes rather than none within.
        if (!entries.isEmpty()) {
            start(1, "hashes");
            hashes(entries);
            end(1);
        }
        end(0);
    }

    private void hashes(List<Manifest.Entry> entries) throws XMLStreamException {
        String open = "";
        for (Manifest.Entry entry : entries) {
            if (!entry.path().equals(open)) {
                if (!open.isEmpty()) {
                    end(2);
                }
                open = entry.path();
                start(2, "hash");
                path(entry);
            }
            start(3, entry.kind().word());
            xml.writeAttribute("action", entry.action().name().toLowerCase(Locale.ROOT));
            characters(entry.hash());
            xml.writeEndElement();
        }
        end(2);
    }

    private void path(Manifest.Entry entry) throws XMLStreamException {
        start(3, "path");
        if (entry.size() != null) {
            xml.writeAttribute("size", entry.size().toString());
        }
        Instant modified = entry.modified();
        if (modified != null && isDate(modified)) {
            xml.writeAttribute("lastmodificationdate", modified.toString());
        }
        characters(entry.path());
        xml.writeEndElement();
    }

    /// Disks know times that XML's dateTime has no common way to write.
    private static boolean isDate(Instant time) {
        return !time.isBefore(FIRST_DATE) && time.isBefore(NO_DATE);
    }

    private void chain(List<ManifestChain.Link> links) throws XMLStreamException {
        start(0, "ascmhldirectory");
        xml.writeDefaultNamespace(ManifestReader.CHAIN);
        for (ManifestChain.Link link : links) {
            start(1, "hashlist");
            xml.writeAttribute("sequencenr", Integer.toString(link.number()));
            text(2, "path", link.name());
            text(2, "c4", link.c4());
            end(1);
        }
        end(0);
    }

    // ---- XML

    private void start(int depth, String name) throws XMLStreamException {
        newLine(depth);
        xml.writeStartElement(name);
    }

    private void end(int depth) throws XMLStreamException {
        newLine(depth);
        xml.writeEndElement();
    }

    private void text(int depth, String name, String text) throws XMLStreamException {
        start(depth, name);
        characters(text);
        xml.writeEndElement();
    }

    private void newLine(int depth) throws XMLStreamException {
        xml.writeCharacters("\n" + INDENT.repeat(depth));
    }

    /// A carriage return is escaped: readers take a bare one for the end of a line (XML 1.0 §2.11).
    private void characters(String text) throws XMLStreamException {
        String[] pieces = text.split("\r", -1);
        xml.writeCharacters(pieces[0]);
        for (int i = 1; i < pieces.length; i++) {
            xml.writeEntityRef("#13");
            xml.writeCharacters(pieces[i]);
        }
    }
}
