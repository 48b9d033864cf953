package dev.sluice.imports;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.scan.StoredVerdict;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the database keeps as JSON text.
final class Json {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, String>> WORDS = new TypeReference<>() {};
    private static final TypeReference<List<TableColumn>> COLUMNS = new TypeReference<>() {};

    private Json() {}

    static String text(Map<String, String> words) {
        try {
            return JSON.writeValueAsString(new TreeMap<>(words));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static Map<String, String> words(String text) {
        try {
            return JSON.readValue(text, WORDS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not what was written: " + text, e);
        }
    }

    static String text(Profile profile) {
        try {
            return JSON.writeValueAsString(profile);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static String text(List<TableColumn> columns) {
        try {
            return JSON.writeValueAsString(columns);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static String text(StoredVerdict verdict) {
        try {
            return JSON.writeValueAsString(verdict);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static StoredVerdict verdict(String text) {
        try {
            return JSON.readValue(text, StoredVerdict.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not what was written: " + text, e);
        }
    }

    static List<TableColumn> columns(String text) {
        try {
            return JSON.readValue(text, COLUMNS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not what was written: " + text, e);
        }
    }

    static Profile profile(String text) {
        try {
            return JSON.readValue(text, Profile.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not what was written: " + text, e);
        }
    }
}
