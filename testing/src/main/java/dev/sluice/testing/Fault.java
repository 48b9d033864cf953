package dev.sluice.testing;

import java.util.Map;

/// What goes wrong with a request on its way through a [FaultyProxy].
public sealed interface Fault {
    /// Both connections are cut when so many bytes of the body have come; the client sees a reset. The service
    /// gets less than that, and at 0 never hears of the request. A body that is shorter passes.
    record DropAt(long bodyBytes) implements Fault {}

    /// The service does what is asked, and the client sees the end of the connection instead of an answer.
    record LoseAnswer() implements Fault {}

    /// The proxy takes the body, unless the client waits for leave to send it, and answers in the place of the
    /// service, which never hears of the request.
    record Answer(int status, Map<String, String> headers, String body) implements Fault {}

    /// After so many bytes of the body nothing passes, and no more is taken, until [FaultyProxy#release]. A
    /// client that resets its connection meanwhile is noticed; one that only closes it is not.
    record StallAt(long bodyBytes) implements Fault {}

    /// The service's answer waits for [FaultyProxy#release].
    record HoldAnswer() implements Fault {}

    static Fault dropAt(long bodyBytes) {
        return new DropAt(bodyBytes);
    }

    static Fault loseAnswer() {
        return new LoseAnswer();
    }

    static Fault answer(int status, Map<String, String> headers, String body) {
        return new Answer(status, headers, body);
    }

    /// An error as S3 words it: `503 SlowDown`, `403 RequestTimeTooSkewed`, `500 InternalError`.
    static Fault s3Error(int status, String code) {
        return answer(status, Map.of("Content-Type", "application/xml"), """
                <?xml version="1.0" encoding="UTF-8"?>
                <Error><Code>%s</Code><Message>%s, on purpose</Message><RequestId>fault</RequestId></Error>
                """.formatted(code, code));
    }

    /// An error as Azure words it: `503 ServerBusy`, `500 OperationTimedOut`.
    static Fault azureError(int status, String code) {
        return answer(
                status, Map.of("Content-Type", "application/xml", "x-ms-error-code", code), """
                <?xml version="1.0" encoding="utf-8"?>
                <Error><Code>%s</Code><Message>%s, on purpose</Message></Error>
                """.formatted(code, code));
    }

    static Fault stallAt(long bodyBytes) {
        return new StallAt(bodyBytes);
    }

    static Fault holdAnswer() {
        return new HoldAnswer();
    }
}
