package dev.sluice.files;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Tests that do operations on real disks.
@SuppressWarnings("NullAway.Init")
abstract class OnDisks {
    @TempDir
    Path folder;

    TestingDisk disk;

    @BeforeEach
    void open() throws IOException {
        disk = new TestingDisk(folder);
    }

    @AfterEach
    void close() throws IOException {
        disk.close();
    }
}
