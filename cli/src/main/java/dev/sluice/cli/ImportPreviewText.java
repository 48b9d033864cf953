package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.wire.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// How a file would be read, for people.
final class ImportPreviewText {
    private static final int ROWS = 5;

    private ImportPreviewText() {}

    static String of(JsonNode seen) {
        var lines = new ArrayList<String>();
        lines.add(seen.path("filename").asText() + ": " + seen.path("records").asLong() + " records, "
                + seen.path("encoding").asText()
                + (seen.path("encodingAssumed").asBoolean() ? " (assumed)" : "") + ", "
                + delimiter(seen.path("delimiter").asText()) + " between fields"
                + (seen.path("header").asBoolean() ? ", a header" : ", no header"));
        for (var column : seen.path("columns")) {
            lines.add("  " + column.path("name").asText() + " → "
                    + column.path("role").asText()
                    + bracketed(
                            column.path("dates").asText(),
                            column.path("dateOrder").asText()));
        }
        rows(seen, lines);
        remarks(seen.path("warnings"), "warning", lines);
        remarks(seen.path("problems"), "problem", lines);
        return String.join(
                "", lines.stream().map(line -> Texts.printable(line) + "\n").toList());
    }

    private static void rows(JsonNode seen, List<String> lines) {
        var count = 0;
        for (var row : seen.path("rows")) {
            if (count++ == ROWS) {
                break;
            }
            lines.add("  " + row.path("booked").asText() + "  "
                    + row.path("amount").asText() + " "
                    + row.path("currency").asText("") + "  "
                    + (row.path("description").asText() + "  "
                                    + row.path("counterparty").asText(""))
                            .strip());
        }
        for (var row : seen.path("table").path("rows")) {
            if (count++ == ROWS) {
                break;
            }
            lines.add("  "
                    + row.path("values").properties().stream()
                            .map(value ->
                                    value.getKey() + "=" + value.getValue().asText())
                            .collect(Collectors.joining("  ")));
        }
        for (var reject : seen.path("rejects")) {
            lines.add("  line " + reject.path("line").asLong() + " would be rejected: "
                    + reject.path("message").asText());
        }
    }

    private static void remarks(JsonNode remarks, String what, List<String> lines) {
        for (var remark : remarks) {
            lines.add("  " + what + ": " + remark.path("message").asText()
                    + (remark.has("line") ? " (line " + remark.path("line").asLong() + ")" : ""));
        }
    }

    private static String delimiter(String delimiter) {
        return delimiter.equals("\t") ? "tabs" : "'" + delimiter + "'";
    }

    private static String bracketed(String pattern, String order) {
        return pattern.isEmpty() ? "" : " (" + pattern + (order.isEmpty() ? "" : ", " + order.replace('_', ' ')) + ")";
    }
}
