package dev.sluice.s3;

import dev.sluice.cloud.NoAnswer;
import dev.sluice.cloud.Tries;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.RetryAfter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What a failure of the service means, in the service's own words but for secrets.
final class Faults implements Tries.Reading<Faults.Fault> {
    /// Ids of uploads as they stand in addresses, and signatures: services, and what stands before them, quote what
    /// they were asked.
    private static final Pattern QUOTED = Pattern.compile("(uploadId=)[^\\s&\"'<>,)]+|\\b[0-9a-f]{64}\\b");

    private static final int SHORT = 8;

    private final S3Settings settings;
    private final List<Pattern> secrets;

    Faults(S3Settings settings) {
        this.settings = settings;
        this.secrets = new ArrayList<>();
        for (String key : new String[] {settings.secretKey(), settings.accessKey()}) {
            if (key != null && !key.isEmpty()) {
                secrets.add(secret(key));
            }
        }
    }

    /// Nothing says who asks.
    static final class NoCredentials extends RuntimeException {
        NoCredentials(SdkException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /// One failure.
    ///
    /// @param word the service's: `NoSuchBucket`; empty where it gave none
    /// @param status 0 where no answer came: what became of the request is not known
    /// @param after how long the service asks to wait, or null
    record Fault(
            String word, int status, String said, @Nullable Duration after, RuntimeException cause)
            implements Tries.Failure {
        boolean is(String... words) {
            return List.of(words).contains(word);
        }

        @Override
        public boolean passing() {
            return status == 0
                    || (status >= 500 && !is("NotImplemented") && !full())
                    || status == 429
                    // Some come as a 200 whose body is an error: a completion that failed after its head was sent.
                    || is("InternalError", "ServiceUnavailable")
                    || is("RequestTimeout", "SlowDown", "Throttling", "ConditionalRequestConflict", "OperationAborted")
                    // A completion that was cut off may be at work on the parts still.
                    || is("InvalidPart")
                    || damaged();
        }

        /// Whether the bytes are not those that their checksum tells: they may come whole the next time.
        boolean damaged() {
            return is("BadDigest", "XAmzContentChecksumMismatch");
        }

        /// Whether the bucket, or who pays for it, has no room left.
        boolean full() {
            return status == 507 || is("QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded");
        }
    }

    @Override
    public Fault of(RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof NoCredentials none) {
                throw new ProblemException(
                        ErrorCode.UPSTREAM_REFUSED,
                        place()
                                + ": there are no credentials: set access-key and secret-key, or those of Amazon's tools in the"
                                + " environment",
                        none);
            }
        }
        if (e instanceof S3Exception answered) {
            AwsErrorDetails details = answered.awsErrorDetails();
            String word = details == null || details.errorCode() == null ? "" : details.errorCode();
            String said = details == null || details.errorMessage() == null ? "" : details.errorMessage();
            return new Fault(word, answered.statusCode(), said, after(details), e);
        }
        if (e instanceof SdkException || e.getCause() instanceof IOException) {
            return new Fault("", 0, NoAnswer.said(e), null, e);
        }
        throw e;
    }

    private static @Nullable Duration after(@Nullable AwsErrorDetails details) {
        if (details == null || details.sdkHttpResponse() == null) {
            return null;
        }
        return RetryAfter.of(
                details.sdkHttpResponse().firstMatchingHeader("Retry-After").orElse(null), Instant.now());
    }

    @Override
    public ProblemException problem(String doing, Fault fault) {
        String said = withoutSecrets(fault.said);
        String what = "cannot " + doing + ", " + place() + ": "
                + (fault.status == 0
                        ? "no answer (" + said + ")"
                        : fault.status
                                + (fault.word.isEmpty() ? "" : " " + fault.word)
                                + (said.isEmpty() ? "" : " (" + said + ")"));
        return new ProblemException(
                new Problem(code(fault), what + hint(fault)), fault.status == 0 ? fault.cause : null);
    }

    private String place() {
        return "storage \"" + settings.name() + "\", " + settings;
    }

    private static ErrorCode code(Fault fault) {
        if (fault.full()) {
            return ErrorCode.QUOTA_EXCEEDED;
        }
        return switch (fault.word) {
            case "NoSuchBucket" -> ErrorCode.UPSTREAM_NOT_FOUND;
            case "EntityTooLarge" -> ErrorCode.TOO_LARGE;
            case "KeyTooLongError" -> ErrorCode.INVALID_REQUEST;
            case "BadDigest", "XAmzContentChecksumMismatch" -> ErrorCode.CHECKSUM_MISMATCH;
            case "SlowDown", "Throttling", "TooManyRequests" -> ErrorCode.UPSTREAM_THROTTLED;
            default ->
                switch (fault.status) {
                    case 429, 503 -> ErrorCode.UPSTREAM_THROTTLED;
                    case 404 -> ErrorCode.UPSTREAM_NOT_FOUND;
                    default -> fault.passing() ? ErrorCode.UPSTREAM_UNAVAILABLE : ErrorCode.UPSTREAM_REFUSED;
                };
        };
    }

    private static String hint(Fault fault) {
        if (fault.full()) {
            return "; make room there, or let its quota be raised";
        }
        return switch (fault.word) {
            case "NoSuchBucket" -> "; make the bucket, or correct bucket and region";
            case "AccessDenied" -> "; let this access key read, write, list and delete in the bucket";
            case "SignatureDoesNotMatch" -> "; correct secret-key (and region)";
            case "InvalidAccessKeyId" -> "; correct access-key";
            case "RequestTimeTooSkewed" -> "; set this machine's clock";
            case "KeyTooLongError" -> "; shorten the file's name or the storage's prefix";
            case "EntityTooLarge" -> "; the service takes nothing so large in one file: cut it";
            default ->
                switch (fault.status) {
                    case 0 -> NoAnswer.hint(fault.cause);
                    case 403 -> "; see to keys, clock and rights";
                    case 404 ->
                        fault.word.isEmpty()
                                ? "; see whether the endpoint is that of an S3 service, without the bucket in its path"
                                : "";
                    default -> "";
                };
        };
    }

    private String withoutSecrets(String text) {
        String clean = QUOTED.matcher(text).replaceAll(found -> (found.group(1) == null ? "" : found.group(1)) + "***");
        for (Pattern secret : secrets) {
            clean = secret.matcher(clean).replaceAll("***");
        }
        return clean;
    }

    /// A key that is as short as a word is one only where it stands alone: what is left of other words would tell it.
    private static Pattern secret(String key) {
        String quoted = Pattern.quote(key);
        return Pattern.compile(key.length() < SHORT ? "\\b" + quoted + "\\b" : quoted);
    }
}
