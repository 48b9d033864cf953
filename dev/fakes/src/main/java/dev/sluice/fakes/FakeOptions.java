package dev.sluice.fakes;

import java.time.Clock;
import java.time.Duration;

/// How a fake is started: `FakeOptions.plain().keep(Keep.DISK)`.
///
/// @param port 0 for any free one; it is always one of 127.0.0.1
/// @param sessionLife how long a session may lie idle. Drive: "Upload sessions also expire after one week of
///     inactivity" (guide 'Upload file data')
/// @param tokenLife of an access token
/// @param kept a chunk that broke off is kept down to a multiple of this (unverified for both services)
/// @param receiveBuffer what the kernel may hold of a connection's bytes that were not read yet
public record FakeOptions(
        int port, Keep keep, Clock clock, Duration sessionLife, Duration tokenLife, int kept, int receiveBuffer) {

    public FakeOptions {
        if (kept < 1 || receiveBuffer < 1) {
            throw new IllegalArgumentException("kept and receiveBuffer are at least 1");
        }
    }

    public static FakeOptions plain() {
        return new FakeOptions(
                0, Keep.MEMORY, Clock.systemUTC(), Duration.ofDays(7), Duration.ofHours(1), 256 << 10, 256 << 10);
    }

    public FakeOptions port(int number) {
        return new FakeOptions(number, keep, clock, sessionLife, tokenLife, kept, receiveBuffer);
    }

    public FakeOptions keep(Keep what) {
        return new FakeOptions(port, what, clock, sessionLife, tokenLife, kept, receiveBuffer);
    }

    public FakeOptions clock(Clock time) {
        return new FakeOptions(port, keep, time, sessionLife, tokenLife, kept, receiveBuffer);
    }

    public FakeOptions sessionLife(Duration life) {
        return new FakeOptions(port, keep, clock, life, tokenLife, kept, receiveBuffer);
    }

    public FakeOptions tokenLife(Duration life) {
        return new FakeOptions(port, keep, clock, sessionLife, life, kept, receiveBuffer);
    }

    public FakeOptions kept(int bytes) {
        return new FakeOptions(port, keep, clock, sessionLife, tokenLife, bytes, receiveBuffer);
    }

    public FakeOptions receiveBuffer(int bytes) {
        return new FakeOptions(port, keep, clock, sessionLife, tokenLife, kept, bytes);
    }
}
