package dev.sluice.wire;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The body of `POST /api/v1/batch/initiate`: files for one storage.
///
/// @param files in the client's order; each names the batch's storage
public record BatchInitiateRequest(
        List<InitiateRequest> files, @Nullable String storage) {
    public BatchInitiateRequest {
        files = List.copyOf(files);
    }

    /// @param most how many files are taken; the least is 1
    /// @throws ProblemException `invalid_request` or `unknown_field`, naming `files[3].size`
    public static BatchInitiateRequest parse(byte[] body, int most) {
        Fields fields = Json.object(body);
        String storage = InitiateRequest.storage(fields);
        List<InitiateRequest> files = new ArrayList<>();
        for (Fields file : fields.objects("files", 1, most)) {
            files.add(InitiateRequest.take(file, storage));
            file.end();
        }
        fields.end();
        return new BatchInitiateRequest(files, storage);
    }
}
