package dev.sluice.google;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.google.Faults.Failed;
import dev.sluice.google.Faults.Remedy;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What each documented reason means (Drive's guide 'Resolve errors', Cloud Storage's 'HTTP status and error codes
/// for JSON'), and what people are told of it.
@NullMarked
class FaultsTest {
    private static final Set<Remedy> PASSING = Set.of(Remedy.RETRY, Remedy.QUERY);

    private static Failed answered(int status, String reason, String said) {
        return Faults.answered(status, null, """
                {"error": {"code": %d, "message": "%s",
                  "errors": [{"domain": "global", "reason": "%s", "message": "%s"}]}}""".formatted(status, said, reason, said));
    }

    private static ProblemException problem(Failed failed) {
        return Faults.problem("send bytes of a.bin", "storage \"clips\", My Drive", failed);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(delimiter = '|', textBlock = """
            403 | rateLimitExceeded           | Rate Limit Exceeded       | RETRY | UPSTREAM_THROTTLED | goes on by itself
            403 | userRateLimitExceeded       | User Rate Limit Exceeded  | RETRY | UPSTREAM_THROTTLED | goes on by itself
            403 | sharingRateLimitExceeded    | Rate limit exceeded       | RETRY | UPSTREAM_THROTTLED | goes on by itself
            429 | rateLimitExceeded           | Too many requests         | RETRY | UPSTREAM_THROTTLED | goes on by itself
            408 | requestTimeout              | Request timed out         | RETRY | UPSTREAM_UNAVAILABLE | timed out
            500 | internalError               | Internal Error            | QUERY | UPSTREAM_UNAVAILABLE | Internal
            502 | badGateway                  | Bad Gateway               | QUERY | UPSTREAM_UNAVAILABLE | Gateway
            503 | backendError                | Backend Error             | QUERY | UPSTREAM_UNAVAILABLE | Backend
            504 | gatewayTimeout              | Gateway Timeout           | QUERY | UPSTREAM_UNAVAILABLE | Timeout
            404 | notFound                    | Session not found         | NEW_SESSION | UPSTREAM_NOT_FOUND | not found
            410 | gone                        | Session is gone           | NEW_SESSION | UPSTREAM_NOT_FOUND | gone
            401 | authError                   | Invalid Credentials       | OTHER_ACCOUNT | UPSTREAM_REFUSED | this machine's clock
            403 | userRateLimitExceeded       | User rate limit exceeded. | OTHER_ACCOUNT | QUOTA_EXCEEDED | again in a day
            403 | dailyLimitExceeded          | Daily Limit Exceeded      | OTHER_ACCOUNT | QUOTA_EXCEEDED | again in a day
            403 | quotaExceeded               | Quota exceeded.           | OTHER_ACCOUNT | QUOTA_EXCEEDED | again in a day
            403 | storageQuotaExceeded        | The storage quota is used | OTHER_ACCOUNT | QUOTA_EXCEEDED | make room in the account
            403 | teamDriveFileLimitExceeded  | The shared drive is full  | GIVE_UP | QUOTA_EXCEEDED | in the shared drive
            403 | numChildrenInNonRootLimitExceeded | The folder is full  | GIVE_UP | QUOTA_EXCEEDED | in the folder
            403 | activeItemCreationLimitExceeded   | Too many items      | OTHER_ACCOUNT | QUOTA_EXCEEDED | make room in the account
            403 | downloadQuotaExceeded       | Read too often            | GIVE_UP | QUOTA_EXCEEDED | may be read again
            403 | insufficientFilePermissions | No sufficient permissions | GIVE_UP | UPSTREAM_REFUSED | let this account read, write
            403 | appNotAuthorizedToFile      | No access is granted      | GIVE_UP | UPSTREAM_REFUSED | let this account read, write
            403 | forbidden                   | Does not have permission  | GIVE_UP | UPSTREAM_REFUSED | let this account read, write
            403 | insufficientPermissions     | Insufficient scopes       | GIVE_UP | UPSTREAM_REFUSED | connect the account again
            403 | domainPolicy                | Drive apps are disabled   | GIVE_UP | UPSTREAM_REFUSED | administrator of the account's domain
            403 | accessNotConfigured         | The API is not enabled    | GIVE_UP | UPSTREAM_REFUSED | enable the API
            403 | accountDisabled             | The project is disabled   | GIVE_UP | UPSTREAM_REFUSED | billing
            403 | userProjectAccountProblem   | The project has a problem | GIVE_UP | UPSTREAM_REFUSED | billing
            400 | invalid                     | Invalid object name       | GIVE_UP | INVALID_REQUEST | rename the file
            400 | badRequest                  | Bad Request               | GIVE_UP | UPSTREAM_REFUSED | Bad
            412 | conditionNotMet             | Precondition Failed       | GIVE_UP | UPSTREAM_REFUSED | Precondition
            413 | uploadTooLarge              | Upload is too large       | GIVE_UP | TOO_LARGE | cut it
            """)
    void everyReasonHasItsRemedyAndItsWords(
            int status, String reason, String said, Remedy remedy, ErrorCode code, String hint) {
        Failed failed = answered(status, reason, said);
        assertThat(failed.fault().remedy()).isEqualTo(remedy);
        assertThat(failed.fault().passing()).isEqualTo(PASSING.contains(remedy));
        ProblemException problem = problem(failed);
        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem)
                .hasMessageContaining("cannot send bytes of a.bin, storage \"clips\", My Drive: " + status + " "
                        + reason + " (" + said + ")")
                .hasMessageContaining(hint);
    }

    /// As gateways on the way answer.
    @Test
    void aRefusalThatIsNoJsonIsToldAsItIs() {
        Failed failed = Faults.answered(502, null, "<html>bad gateway</html>");
        assertThat(failed.fault().remedy()).isEqualTo(Remedy.QUERY);
        assertThat(problem(failed)).hasMessageContaining("502 (<html>bad gateway</html>)");
    }

    @Test
    void whereNoAnswerCameItIsAskedFor() {
        Failed failed = Faults.unanswered(new IOException("connection reset"));
        assertThat(failed.fault().remedy()).isEqualTo(Remedy.QUERY);
        ProblemException problem = problem(failed);
        assertThat(problem.code()).isEqualTo(ErrorCode.UPSTREAM_UNAVAILABLE);
        assertThat(problem)
                .hasMessageContaining("no answer (IOException: connection reset)")
                .hasMessageContaining("see whether the endpoint is right and can be reached");
    }

    @Test
    void addressesOfSessionsAndTokensAreNotTold() {
        assertThat(problem(answered(
                        403,
                        "forbidden",
                        "https://www.googleapis.com/upload?upload_id=ABg5-x&y=1 by ya29.a0Af_x with 1//0gAb-c")))
                .hasMessageContaining("upload_id=***&y=1 by ya29.*** with 1//0***")
                .hasMessageNotContainingAny("ABg5", "a0Af", "gAb");
    }
}
