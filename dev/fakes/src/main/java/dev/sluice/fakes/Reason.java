package dev.sluice.fakes;

import java.util.Arrays;

/// Why a service refuses, as it says it: the status, `error.errors[0].reason` and the message. Names and
/// statuses of Drive are those of its guide 'Resolve errors' and of rclone's table (`backend/drive/drive.go`),
/// which tells apart the two meanings of `userRateLimitExceeded` by the message; messages are unverified where
/// no source is named.
public enum Reason {
    RATE_LIMIT("rate-limit", 403, "rateLimitExceeded", "Rate Limit Exceeded"),
    USER_RATE_LIMIT("user-rate-limit", 403, "userRateLimitExceeded", "User Rate Limit Exceeded"),
    /// 750 GB a day: no other reason, this message exactly (rclone).
    DAILY_LIMIT("daily-limit", 403, "userRateLimitExceeded", "User rate limit exceeded."),
    QUOTA("quota", 403, "quotaExceeded", "Quota exceeded."),
    STORAGE_QUOTA("storage-quota", 403, "storageQuotaExceeded", "The user's Drive storage quota has been exceeded."),
    SHARED_DRIVE_FULL(
            "shared-drive-full",
            403,
            "teamDriveFileLimitExceeded",
            "The file limit for this shared drive has been exceeded."),
    DOWNLOAD_QUOTA(
            "download-quota", 403, "downloadQuotaExceeded", "The download quota for this file has been exceeded."),
    DAILY_CALLS("daily-calls", 403, "dailyLimitExceeded", "Daily Limit Exceeded"),
    FOLDER_FULL(
            "folder-full",
            403,
            "numChildrenInNonRootLimitExceeded",
            "The limit for this folder's number of children (files and folders) has been exceeded."),
    FILE_PERMISSIONS(
            "file-permissions",
            403,
            "insufficientFilePermissions",
            "The user does not have sufficient permissions for this file."),
    APP_NOT_AUTHORIZED(
            "app-not-authorized",
            403,
            "appNotAuthorizedToFile",
            "The user has not granted the app access to the file."),
    DOMAIN_POLICY("domain-policy", 403, "domainPolicy", "The domain administrators have disabled Drive apps."),
    FORBIDDEN("forbidden", 403, "forbidden", "The caller does not have permission"),
    TOO_MANY_REQUESTS("too-many-requests", 429, "rateLimitExceeded", "Too many requests"),
    INTERNAL("internal", 500, "internalError", "Internal Error"),
    BAD_GATEWAY("bad-gateway", 502, "badGateway", "Bad Gateway"),
    UNAVAILABLE("unavailable", 503, "backendError", "Backend Error"),
    GATEWAY_TIMEOUT("gateway-timeout", 504, "gatewayTimeout", "Gateway Timeout");

    private final String word;
    private final int status;
    private final String reason;
    private final String message;

    Reason(String word, int status, String reason, String message) {
        this.word = word;
        this.status = status;
        this.reason = reason;
        this.message = message;
    }

    /// As it is written in a command.
    String word() {
        return word;
    }

    Refusal refusal() {
        return new Refusal(status, reason, message);
    }

    static Reason of(String word) {
        return Arrays.stream(values())
                .filter(reason -> reason.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + word + "\" is no reason; there are "
                        + Arrays.stream(values()).map(Reason::word).toList()));
    }
}
