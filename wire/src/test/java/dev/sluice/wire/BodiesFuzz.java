package dev.sluice.wire;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// JSON bodies, by every reader there is: each is read, or refused with a word that says it is the client's fault. For
/// `dev/fuzz`.
public final class BodiesFuzz {
    private static final Set<ErrorCode.Blame> CLIENTS = Set.of(ErrorCode.Blame.USER);
    private static final List<Consumer<byte[]>> READERS = List.of(
            InitiateRequest::parse,
            body -> BatchInitiateRequest.parse(body, 10),
            DownloadCall::parse,
            DownloadCall::parseAll,
            OperationRequest::parse,
            ConnectRequest::parse,
            CorrectionRequest::parse,
            MoveRequest::parse,
            body -> ProfileDocument.parse("bank", body));

    private BodiesFuzz() {}

    public static void fuzzerTestOneInput(byte[] body) {
        for (Consumer<byte[]> reader : READERS) {
            try {
                reader.accept(body);
            } catch (ProblemException e) {
                if (!CLIENTS.contains(e.code().blame())) {
                    throw new AssertionError(e.problem().message(), e);
                }
            }
        }
    }
}
