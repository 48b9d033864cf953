package dev.sluice.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/// Reads a mapping file in JSON.
final class MappingJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Mapping.MAX_LENGTH)
                    .maxNameLength(Mapping.MAX_LENGTH)
                    .maxNestingDepth(8)
                    .build())
            .build();

    private final Mapping mapping;

    MappingJson(Mapping mapping) {
        this.mapping = mapping;
    }

    void read(Reader text) throws IOException {
        try (JsonParser json = FACTORY.createParser(text)) {
            JsonToken first = json.nextToken();
            if (first == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    mapping.add(pair(json));
                }
            } else if (first == JsonToken.START_OBJECT) {
                readObject(json);
            } else {
                throw wrong(json, "an array of pairs is expected, or one object of sources and their targets");
            }
            if (json.nextToken() != null) {
                throw wrong(json, "nothing is expected here any more");
            }
        }
    }

    private void readObject(JsonParser json) throws IOException {
        JsonLocation begin = json.currentTokenLocation();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            JsonLocation where = json.currentTokenLocation();
            String source = json.currentName();
            if (source.isBlank()) {
                throw wrong(json, "the source is empty");
            }
            json.nextToken();
            String target = path(json, "target");
            mapping.add(new Mapping.Pair(source, target, where.getLineNr(), where.getColumnNr()));
        }
        if (mapping.isOnly("source", "target")) {
            throw mapping.wrong(
                    begin.getLineNr(),
                    begin.getColumnNr(),
                    "an object alone maps each of its names to its value; put a single pair into an array");
        }
    }

    private Mapping.Pair pair(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.START_ARRAY) {
            json.nextToken();
            JsonLocation where = json.currentTokenLocation();
            String source = path(json, "source");
            json.nextToken();
            String target = path(json, "target");
            if (json.nextToken() != JsonToken.END_ARRAY) {
                throw wrong(json, "a pair has two members, source and target; this one has more");
            }
            return new Mapping.Pair(source, target, where.getLineNr(), where.getColumnNr());
        }
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw wrong(json, "a pair is expected: [source, target] or {\"source\": …, \"target\": …}");
        }
        return named(json);
    }

    private Mapping.Pair named(JsonParser json) throws IOException {
        JsonLocation where = json.currentTokenLocation();
        String source = null;
        String target = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonLocation member = json.currentTokenLocation();
            boolean isSource = "source".equals(name);
            if (!isSource && !"target".equals(name)) {
                throw wrong(json, "the member " + Quoted.of(name) + " is unknown; a pair has source and target");
            }
            json.nextToken();
            if ((isSource ? source : target) != null) {
                throw mapping.wrong(member.getLineNr(), member.getColumnNr(), "the " + name + " stands here twice");
            }
            if (isSource) {
                where = json.currentTokenLocation();
                source = path(json, name);
            } else {
                target = path(json, name);
            }
        }
        if (source == null || target == null) {
            throw wrong(json, "this pair has no " + (source == null ? "source" : "target"));
        }
        return new Mapping.Pair(source, target, where.getLineNr(), where.getColumnNr());
    }

    private String path(JsonParser json, String what) throws IOException {
        @Nullable String path = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : null;
        if (path == null) {
            throw wrong(json, "the " + what + " is expected here, in quotes");
        }
        if (path.isBlank()) {
            throw wrong(json, "the " + what + " is empty");
        }
        return path;
    }

    /// A problem at the token that was read last.
    private ProblemException wrong(JsonParser json, String what) {
        JsonLocation where = json.currentTokenLocation();
        return mapping.wrong(where.getLineNr(), where.getColumnNr(), what);
    }
}
