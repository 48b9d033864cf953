package dev.sluice.testing;

import java.net.URI;

/// A service that speaks S3, without virtual hosts: a bucket is the first part of the path.
///
/// Both know `x-amz-checksum-crc32` of parts and, as `FULL_OBJECT`, of the whole; parts that are too small or
/// have another tag; `If-None-Match: *` of a completion. Both answer a completion twice alike, and a second
/// abort with `NoSuchUpload`.
public sealed interface TestingS3 permits TestingS3Mock, TestingS3Proxy {
    /// Where it listens.
    URI endpoint();

    String accessKey();

    String secretKey();

    /// The name of an empty bucket that nobody else uses.
    String newBucket();

    default String region() {
        return "us-east-1";
    }
}
