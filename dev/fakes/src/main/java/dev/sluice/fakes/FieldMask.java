package dev.sluice.fakes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A partial response: `id,files(id,name),user/emailAddress,*` (Drive's guide 'Return specific fields').
final class FieldMask {
    private static final Set<String> PAGE = Set.of("kind", "nextPageToken", "incompleteSearch");

    private final String text;
    private int at;

    /// Names with what is wanted of them; empty for all of it.
    private record Names(Map<String, Names> names) {
        private static Names none() {
            return new Names(new TreeMap<>());
        }
    }

    private FieldMask(String text) {
        this.text = text;
    }

    /// What of a resource was asked for.
    ///
    /// @param fields all where null
    static JsonNode apply(@Nullable String fields, JsonNode resource) {
        return fields == null ? resource : pick(new FieldMask(fields).all(), resource);
    }

    /// As [#apply], of a resource whose names are known: an unknown one is 400, as Drive's guide says.
    static JsonNode applyKnown(String fields, JsonNode resource, Set<String> known) {
        Names wanted = new FieldMask(fields).all();
        requireKnown(wanted, known);
        return pick(wanted, resource);
    }

    /// As [#applyKnown], of a page with such resources in one of its fields.
    static JsonNode applyKnown(String fields, JsonNode page, String list, Set<String> known) {
        Names wanted = new FieldMask(fields).all();
        var ofPage = new HashSet<>(PAGE);
        ofPage.add(list);
        requireKnown(wanted, ofPage);
        requireKnown(wanted.names().getOrDefault(list, Names.none()), known);
        return pick(wanted, page);
    }

    private static void requireKnown(Names wanted, Set<String> known) {
        for (String name : wanted.names().keySet()) {
            if (!name.equals("*") && !known.contains(name)) {
                throw new FieldMask(name).invalid();
            }
        }
    }

    private static JsonNode pick(Names wanted, JsonNode from) {
        if (wanted.names().isEmpty() || wanted.names().containsKey("*")) {
            return from;
        }
        if (from instanceof ArrayNode list) {
            ArrayNode picked = JsonNodeFactory.instance.arrayNode();
            list.forEach(element -> picked.add(pick(wanted, element)));
            return picked;
        }
        if (!(from instanceof ObjectNode)) {
            return from;
        }
        ObjectNode picked = JsonNodeFactory.instance.objectNode();
        from.properties().forEach(property -> {
            Names below = wanted.names().get(property.getKey());
            if (below != null) {
                picked.set(property.getKey(), pick(below, property.getValue()));
            }
        });
        return picked;
    }

    private Names all() {
        Names names = names();
        if (at < text.length()) {
            throw invalid();
        }
        return names;
    }

    private Names names() {
        Names names = Names.none();
        do {
            String name = word();
            Names below = Names.none();
            if (taken('(')) {
                below = names();
                if (!taken(')')) {
                    throw invalid();
                }
            } else if (taken('/')) {
                below.names().put(word(), Names.none());
            }
            names.names().merge(name, below, (left, right) -> {
                left.names().putAll(right.names());
                return left;
            });
        } while (taken(','));
        return names;
    }

    private String word() {
        int from = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '*')) {
            at++;
        }
        if (at == from) {
            throw invalid();
        }
        return text.substring(from, at);
    }

    private boolean taken(char wanted) {
        boolean there = at < text.length() && text.charAt(at) == wanted;
        if (there) {
            at++;
        }
        return there;
    }

    private Refusal invalid() {
        return new Refusal(400, "invalidParameter", "Invalid field selection " + text).at("fields");
    }
}
