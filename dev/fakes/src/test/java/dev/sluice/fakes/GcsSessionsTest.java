package dev.sluice.fakes;

class GcsSessionsTest extends ResumableContract {
    @Override
    FakeGoogle start(FakeOptions options) {
        FakeGcs gcs = FakeGcs.start(options);
        gcs.bucket("bucket");
        return gcs;
    }

    @Override
    String startPath() {
        return "/upload/storage/v1/b/bucket/o?uploadType=resumable&name=file";
    }

    @Override
    int statusOfExpired() {
        return 410;
    }
}
