package dev.sluice.google;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.cloud.NoAnswer;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What failures of Google's services mean, by `errors[0].reason`, in the services' own words but for secrets
/// (Drive's guide 'Resolve errors', Cloud Storage's 'HTTP status and error codes for JSON', rclone's table).
final class Faults {
    private static final ObjectMapper JSON = new ObjectMapper();
    /// Addresses of sessions, and tokens.
    private static final Pattern SECRETS = Pattern.compile("(upload_id=|ya29\\.|1//0?)[^\\s&\"',)]+");
    /// What exactly is said where a day's 750 GB are used up: no other reason tells it (rclone).
    private static final String DAILY = "User rate limit exceeded.";

    private static final int LONGEST = 300;

    private Faults() {}

    /// What helps.
    enum Remedy {
        /// The same again after a while: nothing was done.
        RETRY,
        /// What was done is not known: it is asked for first.
        QUERY,
        /// The session is no more.
        NEW_SESSION,
        /// This account takes no more.
        OTHER_ACCOUNT,
        GIVE_UP
    }

    /// One failure.
    ///
    /// @param status 0 where no answer came
    /// @param reason `storageQuotaExceeded`; empty where none was given
    /// @param after how long the service asks to wait, or null
    /// @param problem what is to be told where the account has no token: then there was no call
    record Fault(
            int status,
            String reason,
            String said,
            @Nullable Duration after,
            @Nullable ProblemException problem) {
        boolean is(String... reasons) {
            return List.of(reasons).contains(reason);
        }

        /// Over what an account may send a day: about a day later it may again.
        boolean daily() {
            return is("dailyLimitExceeded", "quotaExceeded") || (is("userRateLimitExceeded") && said.equals(DAILY));
        }

        /// Over what an account may have there.
        boolean isOver() {
            return is("storageQuotaExceeded", "activeItemCreationLimitExceeded");
        }

        /// Over what the place holds: another account would meet the same.
        boolean full() {
            return is("teamDriveFileLimitExceeded", "numChildrenInNonRootLimitExceeded");
        }

        /// A name that the service does not take.
        boolean misnamed() {
            return status == 400 && said.contains("name");
        }

        boolean throttled() {
            return status == 429
                    || is("rateLimitExceeded", "sharingRateLimitExceeded")
                    || (is("userRateLimitExceeded") && !daily());
        }

        Remedy remedy() {
            if (problem != null) {
                return Remedy.OTHER_ACCOUNT;
            }
            if (status == 0 || status >= 500) {
                return Remedy.QUERY;
            }
            if (throttled() || status == 408) {
                return Remedy.RETRY;
            }
            if (daily() || isOver() || status == 401) {
                return Remedy.OTHER_ACCOUNT;
            }
            return status == 404 || status == 410 ? Remedy.NEW_SESSION : Remedy.GIVE_UP;
        }

        /// Whether the same may go through when it is tried again soon.
        boolean passing() {
            return remedy() == Remedy.RETRY || remedy() == Remedy.QUERY;
        }
    }

    /// A call that did not go through; told to nobody but this module.
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Fault fault;

        Failed(Fault fault, @Nullable Throwable cause) {
            super(fault.status() + " " + fault.reason(), cause, false, false);
            this.fault = fault;
        }

        Fault fault() {
            return fault;
        }
    }

    static Failed answered(int status, @Nullable Duration after, String body) {
        JsonNode error = tree(body).path("error");
        JsonNode first = error.path("errors").path(0);
        String plain = error.isMissingNode() ? body : "";
        String said = error.path("message").asText(first.path("message").asText(plain));
        return new Failed(new Fault(status, first.path("reason").asText(""), said, after, null), null);
    }

    static Failed unanswered(Exception e) {
        return new Failed(new Fault(0, "", root(e), null, null), e);
    }

    static Failed withoutToken(ProblemException problem) {
        return new Failed(new Fault(401, "", problem.problem().message(), null, problem), problem);
    }

    private static JsonNode tree(String body) {
        try {
            JsonNode read = JSON.readTree(body);
            return read == null ? JSON.missingNode() : read;
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }

    /// The words of an error in OAuth's form (RFC 6749 §5.2).
    static String oauth(@Nullable String body) {
        if (body == null) {
            return "";
        }
        String error = tree(body).path("error").asText("");
        String description = tree(body).path("error_description").asText("");
        return clean(error.isEmpty() ? body : error + (description.isEmpty() ? "" : " (" + description + ")"));
    }

    static String root(Throwable e) {
        return clean(NoAnswer.said(e));
    }

    /// @param doing what failed: `send bytes of a.bin`
    /// @param where the storage, for people
    static ProblemException problem(String doing, String where, Failed failed) {
        Fault fault = failed.fault();
        if (fault.problem() != null) {
            return fault.problem();
        }
        String said = clean(fault.said());
        String words = fault.status() == 0
                ? "no answer (" + said + ")"
                : fault.status()
                        + (fault.reason().isEmpty() ? "" : " " + fault.reason())
                        + (said.isEmpty() ? "" : " (" + said + ")");
        return new ProblemException(
                new Problem(code(fault), "cannot " + clean(doing) + ", " + where + ": " + words + hint(failed)),
                fault.status() == 0 ? failed.getCause() : null);
    }

    private static ErrorCode code(Fault fault) {
        if (fault.throttled()) {
            return ErrorCode.UPSTREAM_THROTTLED;
        }
        if (fault.daily() || fault.isOver() || fault.full() || fault.is("downloadQuotaExceeded")) {
            return ErrorCode.QUOTA_EXCEEDED;
        }
        if (fault.misnamed()) {
            return ErrorCode.INVALID_REQUEST;
        }
        return switch (fault.status()) {
            case 404, 410 -> ErrorCode.UPSTREAM_NOT_FOUND;
            case 413 -> ErrorCode.TOO_LARGE;
            default -> fault.passing() ? ErrorCode.UPSTREAM_UNAVAILABLE : ErrorCode.UPSTREAM_REFUSED;
        };
    }

    private static String hint(Failed failed) {
        Fault fault = failed.fault();
        if (fault.throttled()) {
            return "; it goes on by itself, or ask Google for more calls a minute";
        }
        if (fault.daily()) {
            return "; it may send again in a day, or connect another account";
        }
        return switch (fault.reason()) {
            case "storageQuotaExceeded", "activeItemCreationLimitExceeded" ->
                "; make room in the account, or connect another one";
            case "teamDriveFileLimitExceeded" -> "; make room in the shared drive";
            case "numChildrenInNonRootLimitExceeded" -> "; make room in the folder, or name another one";
            case "downloadQuotaExceeded" -> "; it may be read again in a day";
            case "domainPolicy" ->
                "; the administrator of the account's domain must allow Drive's apps, or connect another account";
            case "accessNotConfigured" -> "; enable the API in the project of this account";
            case "insufficientPermissions" -> "; connect the account again, and grant all that is asked for";
            case "accountDisabled", "userProjectAccountProblem" -> "; see to the project's billing";
            default ->
                switch (fault.status()) {
                    case 0 -> NoAnswer.hint(failed);
                    case 400 -> fault.misnamed() ? "; rename the file, or change the storage's prefix" : "";
                    case 401 -> "; see to the account's key and to this machine's clock";
                    case 403 -> "; let this account read, write, list and delete there";
                    case 404 -> fault.said().contains("bucket") ? "; make the bucket, or correct bucket" : "";
                    case 413 -> "; it is too large for the service: cut it";
                    default -> "";
                };
        };
    }

    static String clean(String text) {
        String clean = SECRETS.matcher(text).replaceAll("$1***");
        return clean.length() > LONGEST ? clean.substring(0, LONGEST) + "…" : clean;
    }
}
