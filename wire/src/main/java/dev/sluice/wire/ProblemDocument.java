package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A problem as it is answered: `application/problem+json` (RFC 9457) with our `code`, and the problem's
/// details beside.
///
/// @param detail what happened, to which thing, and what to do: what the old front ends show
public record ProblemDocument(
        String type,
        String title,
        int status,
        String detail,
        String code,
        @JsonAnyGetter Map<String, Object> details) {
    public static final String MEDIA_TYPE = "application/problem+json";
    private static final Set<String> OURS = Set.of("type", "title", "status", "detail", "code", "instance");

    public ProblemDocument {
        var sorted = new TreeMap<String, Object>(details);
        sorted.keySet().removeAll(OURS);
        details = Collections.unmodifiableMap(sorted);
    }

    public static ProblemDocument of(Problem problem) {
        return of(problem, problem.code().status());
    }

    /// @param status of the answer, where a front end's contract asks for another than the code's own
    public static ProblemDocument of(Problem problem, int status) {
        ErrorCode code = problem.code();
        return new ProblemDocument(
                "urn:sluice:problem:" + code.code(),
                title(code),
                status,
                problem.message(),
                code.code(),
                problem.details());
    }

    private static String title(ErrorCode code) {
        String words = code.name().replace('_', ' ');
        return words.charAt(0) + words.substring(1).toLowerCase(Locale.ROOT);
    }
}
