package dev.sluice.azure;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpResponse;
import com.azure.xml.XmlReader;
import com.azure.xml.XmlToken;
import dev.sluice.cloud.NoAnswer;
import dev.sluice.cloud.Tries;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.RetryAfter;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/// What a failure of the service means, in the service's own words but for secrets.
final class Faults implements Tries.Reading<Faults.Fault> {
    private static final HttpHeaderName ERROR_CODE = HttpHeaderName.fromString("x-ms-error-code");
    private static final int LONGEST_BODY = 64 << 10;
    private static final int LONGEST_SAID = 500;
    /// What a signature looks like: the service quotes the wrong one.
    private static final Pattern SIGNATURE = Pattern.compile("[A-Za-z0-9+/]{43}=");
    /// What was signed follows, and says nothing to a human.
    private static final Pattern STRING_TO_SIGN =
            Pattern.compile("(?s)\\.? *(Server used following string to sign|String to sign used was).*");
    /// The service refuses what is signed by a clock that is further off.
    private static final Duration SKEW = Duration.ofMinutes(15);

    private final AzureSettings settings;
    private final Clock clock;

    Faults(AzureSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /// An answer that is a refusal.
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Fault fault;

        Refused(Fault fault) {
            super(fault.status + " " + fault.word, null, false, false);
            this.fault = fault;
        }

        Fault fault() {
            return fault;
        }
    }

    /// One failure.
    ///
    /// @param word the service's: `ContainerNotFound`; empty where it gave none
    /// @param status 0 where no answer came: what became of the request is not known
    /// @param after how long the service asks to wait, or null
    /// @param skew how far its clock was before ours; null where it is not known
    record Fault(
            String word,
            int status,
            String said,
            @Nullable Duration after,
            @Nullable Duration skew,
            @Nullable Throwable cause)
            implements Tries.Failure {
        boolean is(String... words) {
            return List.of(words).contains(word);
        }

        /// Whether the container itself is not there, or going.
        boolean noContainer() {
            return is("ContainerNotFound", "ContainerBeingDeleted", "ContainerDisabled");
        }

        /// Whether the container is there and the blob is not.
        boolean absent() {
            return status == 404 && !noContainer();
        }

        /// Whether a condition on what stands there was not met.
        boolean unmet() {
            return is("BlobAlreadyExists") || (status == 412 && !lease());
        }

        boolean lease() {
            return word.startsWith("Lease");
        }

        /// Bytes that were damaged on their way may come whole the next time.
        @Override
        public boolean passing() {
            return status == 0
                    || status == 408
                    || status == 429
                    || (status >= 500 && status != 501 && status != 505 && status != 507 && !is("FeatureNotSupported"))
                    || is("Md5Mismatch", "Crc64Mismatch");
        }
    }

    /// What an answer refuses; closes it.
    Refused refused(HttpResponse answer) {
        try (answer) {
            HttpHeaders headers = answer.getHeaders();
            byte[] body = answer.getBodyAsInputStreamSync().readNBytes(LONGEST_BODY);
            Words words = Words.of(body);
            String word = headers.getValue(ERROR_CODE);
            return new Refused(new Fault(
                    word == null ? words.code : word,
                    answer.getStatusCode(),
                    words.said,
                    after(headers),
                    skew(headers),
                    null));
        } catch (IOException e) {
            return new Refused(new Fault("", 0, NoAnswer.said(e), null, null, e));
        }
    }

    @Override
    public Fault of(RuntimeException e) {
        if (e instanceof Refused refused) {
            return refused.fault();
        }
        if (e.getCause() instanceof IOException) {
            return new Fault("", 0, NoAnswer.said(e), null, null, e);
        }
        throw e;
    }

    private static @Nullable Duration after(HttpHeaders headers) {
        for (HttpHeaderName millis :
                new HttpHeaderName[] {HttpHeaderName.X_MS_RETRY_AFTER_MS, HttpHeaderName.RETRY_AFTER_MS}) {
            String written = headers.getValue(millis);
            if (written != null && written.matches("\\d{1,9}")) {
                return Duration.ofMillis(Long.parseLong(written));
            }
        }
        return RetryAfter.of(headers.getValue(HttpHeaderName.RETRY_AFTER), Instant.now());
    }

    private @Nullable Duration skew(HttpHeaders headers) {
        String date = headers.getValue(HttpHeaderName.DATE);
        if (date == null) {
            return null;
        }
        try {
            ZonedDateTime theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
            return Duration.between(clock.instant(), theirs.toInstant());
        } catch (DateTimeException e) {
            return null;
        }
    }

    /// The document of a refusal.
    private record Words(String code, String said) {
        static Words of(byte[] body) {
            if (body.length == 0) {
                return new Words("", "");
            }
            try (XmlReader xml = XmlReader.fromBytes(body)) {
                return xml.readObject("Error", Words::read);
            } catch (XMLStreamException | RuntimeException e) {
                // A gateway's page says nothing that its status does not.
                return new Words("", "");
            }
        }

        private static Words read(XmlReader xml) throws XMLStreamException {
            String code = "";
            String message = "";
            String detail = "";
            while (xml.nextElement() != XmlToken.END_ELEMENT) {
                switch (xml.getElementName().getLocalPart()) {
                    case "Code" -> code = xml.getStringElement();
                    case "Message" -> message = xml.getStringElement();
                    case "AuthenticationErrorDetail" -> detail = xml.getStringElement();
                    default -> xml.skipElement();
                }
            }
            String said = STRING_TO_SIGN.matcher(detail).replaceFirst("");
            return new Words(code, oneLine(message) + (said.isEmpty() ? "" : "; " + oneLine(said)));
        }

        private static String oneLine(String text) {
            return text.strip().replaceAll("\\s*\\n\\s*", ", ");
        }
    }

    @Override
    public ProblemException problem(String doing, Fault fault) {
        String said = shortened(withoutSecrets(fault.said));
        String what = "cannot " + doing + ", storage \"" + settings.name() + "\", " + settings + ": "
                + (fault.status == 0
                        ? "no answer (" + said + ")"
                        : fault.status
                                + (fault.word.isEmpty() ? "" : " " + fault.word)
                                + (said.isEmpty() ? "" : " (" + said + ")"));
        return new ProblemException(new Problem(code(fault), withoutSecrets(what + hint(fault))), fault.cause);
    }

    /// Comes after the secrets are out: what is left of one that is cut off looks like none.
    private static String shortened(String text) {
        return text.length() > LONGEST_SAID ? text.substring(0, LONGEST_SAID) + "…" : text;
    }

    private static ErrorCode code(Fault fault) {
        return switch (fault.word) {
            case "ContainerNotFound", "ContainerBeingDeleted", "ContainerDisabled", "InvalidBlockList" ->
                ErrorCode.UPSTREAM_NOT_FOUND;
            case "RequestBodyTooLarge", "BlockCountExceedsLimit", "MaxBlobSizeConditionNotMet" -> ErrorCode.TOO_LARGE;
            case "InvalidResourceName", "InvalidUri" -> ErrorCode.INVALID_REQUEST;
            case "ServerBusy" -> ErrorCode.UPSTREAM_THROTTLED;
            default ->
                switch (fault.status) {
                    case 429, 503 -> ErrorCode.UPSTREAM_THROTTLED;
                    case 507 -> ErrorCode.QUOTA_EXCEEDED;
                    case 404 -> ErrorCode.UPSTREAM_NOT_FOUND;
                    default -> fault.passing() ? ErrorCode.UPSTREAM_UNAVAILABLE : ErrorCode.UPSTREAM_REFUSED;
                };
        };
    }

    private String hint(Fault fault) {
        Duration skew = fault.skew;
        if (fault.status == 403 && skew != null && skew.abs().compareTo(SKEW) > 0) {
            return "; set this machine's clock: it is " + skew.abs().toMinutes() + " minutes "
                    + (skew.isNegative() ? "ahead of" : "behind") + " the service's";
        }
        if (fault.lease()) {
            return "; somebody holds a lease on it: let it be released or broken";
        }
        return switch (fault.word) {
            case "ContainerNotFound" -> "; make the container, or correct container and account";
            case "AuthenticationFailed" ->
                settings.sasToken() == null
                        ? "; correct account-key, and see to this machine's clock"
                        : "; make a new sas-token, and see to this machine's clock";
            case "AuthorizationFailure",
                    "AuthorizationPermissionMismatch",
                    "InsufficientAccountPermissions",
                    "AuthorizationResourceTypeMismatch" ->
                settings.sasToken() == null
                        ? "; correct account-key, or let the account read, write and delete blobs of the container from"
                                + " this address"
                        : "; make a new sas-token that lets us read, write and delete blobs of the container from this"
                                + " address";
            case "AuthorizationServiceMismatch" -> "; the token is for another service: make one for blobs";
            case "InvalidResourceName", "InvalidUri" ->
                "; rename the file, or change the storage's prefix; an endpoint"
                        + " that is not Azure's own has the account in its path";
            case "InvalidBlockList" -> "; what had been sent is gone there: send the file again";
            case "SnapshotsPresent" -> "; delete its snapshots first";
            case "BlobImmutableDueToPolicy" -> "; a policy of the container keeps it from being changed or deleted";
            case "BlobArchived", "BlobBeingRehydrated" -> "; it is archived: rehydrate it first";
            case "AccountIsDisabled" -> "; the account is disabled: see to it and its subscription";
            case "RequestBodyTooLarge", "BlockCountExceedsLimit" -> "; it is too large for the service: cut it";
            default ->
                fault.status == 0 && fault.cause != null
                        ? NoAnswer.hint(fault.cause)
                        : fault.status == 403
                                ? "; see to keys, clock, rights and the account's firewall"
                                : fault.status == 507 ? "; make room in the account, or let its limit be raised" : "";
        };
    }

    private String withoutSecrets(String text) {
        String clean = text;
        for (String secret : secrets()) {
            clean = clean.replace(secret, "***");
        }
        // Last: a key ends like a signature, and what is left of it would be told.
        return SIGNATURE.matcher(clean).replaceAll("***");
    }

    private List<String> secrets() {
        var secrets = new ArrayList<String>();
        String token = settings.sasToken();
        if (token != null) {
            secrets.add(token);
            for (String word : token.split("&")) {
                if (word.startsWith("sig=") && word.length() > "sig=".length()) {
                    secrets.add(word.substring("sig=".length()));
                    secrets.add(URLDecoder.decode(word.substring("sig=".length()), StandardCharsets.UTF_8));
                }
            }
        }
        String key = settings.accountKey();
        if (key != null && !key.isEmpty()) {
            secrets.add(key);
        }
        return secrets;
    }
}
