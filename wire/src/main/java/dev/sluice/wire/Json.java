package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The one way to write and to read JSON.
///
/// Writing: records, absent members left out, instants as RFC 3339 in UTC with milliseconds. Reading: strictly
/// RFC 8259 in UTF-8, no duplicate keys, nothing after the value, at most [#MAX_BODY] bytes and [#MAX_DEPTH]
/// levels; whatever is wrong with a text is a [ProblemException] that names the place. Safe for use by many
/// threads.
public final class Json {
    /// Bytes of the largest request body that is read: a batch of 10,000 files with long names fits.
    public static final int MAX_BODY = 16 * 1024 * 1024;

    static final int MAX_DEPTH = 16;
    private static final int MAX_STRING = 64 * 1024;

    /// The JSON `null`: maps and lists here hold no Java null.
    enum Null {
        NULL
    }

    private static final DateTimeFormatter INSTANT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private static final JsonFactory STRICT = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_STRING)
                    .maxNameLength(1_000)
                    .maxNumberLength(100)
                    .build())
            .build();

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .addModule(new SimpleModule().addSerializer(new InstantSerializer()))
            .build();

    private Json() {}

    /// A document as UTF-8.
    public static byte[] bytes(Object document) {
        try {
            return MAPPER.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON document: " + document.getClass(), e);
        }
    }

    /// A document as text.
    public static String text(Object document) {
        try {
            return MAPPER.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON document: " + document.getClass(), e);
        }
    }

    /// An instant as documents show it: `2026-11-21T11:59:35.000Z`.
    public static String time(Instant at) {
        return INSTANT.format(at);
    }

    /// The members of a request body that has to be an object.
    ///
    /// @throws ProblemException `too_large`, or `invalid_request` where the text is no JSON object
    public static Fields object(byte[] body) {
        if (body.length > MAX_BODY) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    "The body has " + body.length + " bytes; at most " + MAX_BODY + " are read.",
                    Map.of("field", "body", "limit", MAX_BODY));
        }
        try {
            return object(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString());
        } catch (CharacterCodingException e) {
            throw malformed("The body is not UTF-8.", e);
        }
    }

    /// As [#object(byte[])], of a text.
    public static Fields object(String body) {
        try (JsonParser parser = STRICT.createParser(body)) {
            if (parser.nextToken() == null) {
                throw malformed("The body is empty: expected a JSON object.", null);
            }
            Object value = value(parser, "");
            if (parser.nextToken() != null) {
                throw malformed(
                        "The body goes on after its JSON object, at line "
                                + parser.currentTokenLocation().getLineNr() + ", column "
                                + parser.currentTokenLocation().getColumnNr() + ".",
                        null);
            }
            if (!(value instanceof Map<?, ?> members)) {
                throw malformed("The body is " + Fields.describe(value) + ": expected a JSON object.", null);
            }
            return new Fields("", members);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw malformed("The body is not well-formed JSON" + where + ".", e);
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory could not be read", e);
        }
    }

    /// Writes with a generator, for frames that no record describes.
    static byte[] write(int sizeHint, Writing writing) {
        var out = new ByteArrayOutputStream(sizeHint);
        try (JsonGenerator json = STRICT.createGenerator(out)) {
            writing.to(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory could not be written", e);
        }
        return out.toByteArray();
    }

    /// Writes one text.
    @FunctionalInterface
    interface Writing {
        void to(JsonGenerator json) throws IOException;
    }

    private static Object value(JsonParser parser, String path) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> members(parser, path);
            case START_ARRAY -> {
                var elements = new ArrayList<Object>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(value(parser, path + "[" + elements.size() + "]"));
                }
                yield elements;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT, LONG -> (Object) parser.getLongValue();
                    case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> parser.getBigIntegerValue();
                };
            case VALUE_NUMBER_FLOAT -> (Object) parser.getDoubleValue();
            case VALUE_TRUE -> (Object) true;
            case VALUE_FALSE -> (Object) false;
            case VALUE_NULL -> Null.NULL;
            case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                throw malformed("The body is not well-formed JSON.", null);
        };
    }

    private static Map<String, Object> members(JsonParser parser, String path) throws IOException {
        var members = new LinkedHashMap<String, Object>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            String place = Fields.place(path, name);
            parser.nextToken();
            if (members.put(name, value(parser, place)) != null) {
                throw Fields.invalid(place, "stands twice", "a field once");
            }
        }
        return members;
    }

    private static ProblemException malformed(String message, @Nullable Exception cause) {
        return new ProblemException(new Problem(ErrorCode.INVALID_REQUEST, message, Map.of("field", "body")), cause);
    }

    private static final class InstantSerializer extends StdSerializer<Instant> {
        InstantSerializer() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant at, JsonGenerator json, SerializerProvider serializers) throws IOException {
            json.writeString(time(at));
        }
    }
}
