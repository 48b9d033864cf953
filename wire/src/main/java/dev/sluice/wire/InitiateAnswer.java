package dev.sluice.wire;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sluice.core.JobId;

/// The answer of `POST /api/v1/upload/initiate`.
///
/// @param gdriveUploadUrl the opaque handle with which the socket is opened, whatever the storage
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record InitiateAnswer(String fileId, String gdriveUploadUrl) {
    public static InitiateAnswer of(JobId file, String handle) {
        return new InitiateAnswer(file.value(), handle);
    }
}
