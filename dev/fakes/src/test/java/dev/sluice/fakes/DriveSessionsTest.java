package dev.sluice.fakes;

class DriveSessionsTest extends ResumableContract {
    @Override
    FakeGoogle start(FakeOptions options) {
        return FakeDrive.start(options);
    }

    @Override
    String startPath() {
        return "/upload/drive/v3/files?uploadType=resumable";
    }

    @Override
    int statusOfExpired() {
        return 404;
    }
}
