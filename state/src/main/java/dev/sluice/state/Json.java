package dev.sluice.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import dev.sluice.core.BatchId;
import dev.sluice.core.DebtId;
import dev.sluice.core.Document;
import dev.sluice.core.JobId;
import dev.sluice.core.Kind;
import dev.sluice.core.NodeId;
import dev.sluice.core.Owner;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How records become JSON and come back: times as RFC 3339, durations as ISO 8601, enum constants and
/// identities as words, absent values left out. Members that a record does not know are passed over, since
/// facts are merged from several records.
final class Json {
    private static final TypeReference<LinkedHashMap<String, Object>> MEMBERS = new TypeReference<>() {};
    private static final ObjectMapper MAPPER = mapper();

    private Json() {}

    private static ObjectMapper mapper() {
        var words = new SimpleModule("words");
        word(words, Instant.class, Instant::toString, Instant::parse);
        word(words, Duration.class, Duration::toString, Duration::parse);
        word(words, JobId.class, JobId::value, JobId::new);
        word(words, BatchId.class, BatchId::value, BatchId::new);
        word(words, NodeId.class, NodeId::value, NodeId::new);
        word(words, DebtId.class, DebtId::value, DebtId::new);
        word(words, Kind.class, Kind::value, Kind::new);
        word(words, Owner.class, Owner::name, Owner::new);
        words.setSerializerModifier(new LowerCaseEnums());
        return JsonMapper.builder()
                .addModule(words)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                .build();
    }

    private static <T> void word(
            SimpleModule module, Class<T> type, Function<T, String> write, Function<String, T> read) {
        module.addSerializer(type, new WordSerializer<>(write));
        module.addDeserializer(type, new WordDeserializer<>(type, read));
    }

    private static final class WordSerializer<T> extends JsonSerializer<T> {
        private final Function<T, String> write;

        WordSerializer(Function<T, String> write) {
            this.write = write;
        }

        @Override
        public void serialize(T value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString(write.apply(value));
        }
    }

    private static final class WordDeserializer<T> extends FromStringDeserializer<T> {
        private static final long serialVersionUID = 1L;
        private final transient Function<String, T> read;

        WordDeserializer(Class<T> type, Function<String, T> read) {
            super(type);
            this.read = read;
        }

        @Override
        protected T _deserialize(String text, DeserializationContext context) {
            return read.apply(text);
        }

        @Override
        public @Nullable T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return super.deserialize(parser, context);
        }
    }

    private static final class LowerCaseEnums extends BeanSerializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public JsonSerializer<?> modifyEnumSerializer(
                SerializationConfig config, JavaType type, BeanDescription description, JsonSerializer<?> standard) {
            return new WordSerializer<Enum<?>>(constant -> constant.name().toLowerCase(Locale.ROOT));
        }
    }

    static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "cannot be kept as JSON: " + value.getClass().getName(), e);
        }
    }

    static @Nullable String textOrNull(@Nullable Object value) {
        return value == null ? null : text(value);
    }

    static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("no " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }

    static Map<String, Object> members(String json) {
        try {
            return MAPPER.readValue(json, MEMBERS);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("no JSON object: " + e.getOriginalMessage(), e);
        }
    }

    /// The object `json` with the members of `over` laid over it.
    static String laidOver(String json, Record over) {
        Map<String, Object> members = members(json);
        members.putAll(members(text(over)));
        return text(members);
    }

    static Document document(String json) {
        return new Text(json);
    }

    private record Text(String json) implements Document {
        @Override
        public <T extends Record> T as(Class<T> type) {
            return read(json, type);
        }

        @Override
        public Map<String, Object> members() {
            return Collections.unmodifiableMap(Json.members(json));
        }

        @Override
        public String toString() {
            return json;
        }
    }
}
