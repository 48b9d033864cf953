package dev.sluice.download;

import dev.sluice.core.Session;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;

/// Puts a file from the disk into a storage. The disk is read on this thread, the storage written on its own.
record MediaDeposit(Storages storages) {
    private static final int STEP = 1 << 20;

    /// @param fresh whether nothing is there that could be gone on with
    void put(Session session, String place, Path file, MediaCheckpoint fetched, boolean fresh) throws IOException {
        String name = String.valueOf(fetched.name());
        var order = new Deposit.Order(storages, place, name, fetched.size(), type(name));
        Storage storage = storages.named(place);
        Deposit deposit = storage.call(() -> Deposit.open(session, order, fresh));
        try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ)) {
            long begin = storage.call(() -> deposit.upload().durable());
            session.total(fetched.size());
            session.meter().from(begin);
            session.stage(Downloads.UPLOAD);
            send(session, source.position(begin), storage, deposit);
            session.stage(Downloads.COMMIT);
            storage.call(() -> deposit.commit(DownloadFacts::stored, List.of()));
        } finally {
            storage.call(() -> {
                deposit.close();
                return true;
            });
        }
    }

    private static void send(Session session, FileChannel source, Storage storage, Deposit deposit) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(STEP);
        while (source.read(buffer.clear()) >= 0) {
            buffer.flip();
            storage.call(() -> {
                session.hand(buffer.remaining(), () -> deposit.upload().write(buffer));
                return true;
            });
        }
    }

    static String type(String name) {
        String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return switch (extension) {
            case "mp4", "webm" -> "video/" + extension;
            case "m4v" -> "video/mp4";
            case "mkv" -> "video/x-matroska";
            case "mov" -> "video/quicktime";
            case "avi" -> "video/x-msvideo";
            case "flv" -> "video/x-flv";
            case "mp3" -> "audio/mpeg";
            case "m4a" -> "audio/mp4";
            case "aac", "flac", "wav" -> "audio/" + extension;
            case "opus", "ogg", "oga", "vorbis" -> "audio/ogg";
            default -> "application/octet-stream";
        };
    }
}
