package dev.sluice.cloud;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.ProblemException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Where the last bytes of an upload lie that were acknowledged and are too few for a part: in the data folder,
/// encrypted (AES-256-GCM) with the folder's key. A tail is what follows a given offset of its upload; it grows
/// by records, and one that a crash cut short is passed over. It survives the death of this process, not a
/// power cut. Calls for different uploads may come from any threads, those for one from one at a time.
public final class KeptTails {
    private static final String KEY = "tails.key";
    private static final String SUFFIX = ".tail";
    private static final int NONCE = 12;
    private static final int TAG = 16;
    private static final int STEP = 256 << 10;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path folder;
    private final SecretKeySpec key;

    private KeptTails(Path folder, SecretKeySpec key) {
        this.folder = folder;
        this.key = key;
    }

    /// Makes `folder`, and in it a key, where they are missing.
    ///
    /// @throws ProblemException `internal` where the folder cannot be used
    public static KeptTails in(Path folder) {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return new KeptTails(folder, key(folder.resolve(KEY)));
        } catch (IOException e) {
            throw new ProblemException(
                    ErrorCode.INTERNAL,
                    "the folder " + folder + " cannot be used: let this user read and write it (" + e + ")",
                    e);
        }
    }

    private static SecretKeySpec key(Path file) throws IOException {
        byte[] fresh = new byte[32];
        RANDOM.nextBytes(fresh);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(CREATE_NEW, WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(fresh);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            return new SecretKeySpec(fresh, "AES");
        } catch (FileAlreadyExistsException e) {
            byte[] known = Files.readAllBytes(file);
            if (known.length != fresh.length) {
                throw new IOException(file + " is no key: delete it, and what it encrypted is lost", e);
            }
            return new SecretKeySpec(known, "AES");
        }
    }

    /// Adds to the tail of an upload.
    ///
    /// @param begin where in the upload the tail begins
    /// @param at where these bytes begin: the tail's end so far
    public void add(String upload, long begin, long at, List<ByteBuffer> bytes) {
        Path file = file(upload, begin);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(CREATE, WRITE, APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            long position = at;
            for (ByteBuffer buffer : bytes) {
                ByteBuffer left = buffer.duplicate();
                while (left.hasRemaining()) {
                    int count = Math.min(STEP, left.remaining());
                    ByteBuffer sealed = sealed(upload, position, left.slice(left.position(), count));
                    while (sealed.hasRemaining()) {
                        channel.write(sealed);
                    }
                    left.position(left.position() + count);
                    position += count;
                }
            }
        } catch (IOException e) {
            throw failed("keep", e);
        }
    }

    /// A record: how long its bytes are, a nonce, the bytes and their tag. Upload and offset are sealed with them.
    private ByteBuffer sealed(String upload, long at, ByteBuffer bytes) {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        ByteBuffer record = ByteBuffer.allocate(Integer.BYTES + NONCE + bytes.remaining() + TAG);
        record.putInt(bytes.remaining()).put(nonce);
        try {
            cipher(Cipher.ENCRYPT_MODE, nonce, upload, at).doFinal(bytes, record);
            return record.flip();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String upload, long at) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG * 8, nonce));
        cipher.updateAAD((upload + "@" + at).getBytes(UTF_8));
        return cipher;
    }

    /// Gives what is kept behind `begin`, a piece at a time; a record that is not whole ends it and is cut off.
    ///
    /// @return how many bytes that were
    public long replay(String upload, long begin, Consumer<ByteBuffer> taker) {
        Path file = file(upload, begin);
        long at = begin;
        try (FileChannel channel = FileChannel.open(file, READ, WRITE)) {
            long whole = 0;
            while (true) {
                ByteBuffer plain = record(channel, upload, at);
                if (plain == null) {
                    channel.truncate(whole);
                    return at - begin;
                }
                whole = channel.position();
                at += plain.remaining();
                taker.accept(plain);
            }
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw failed("read back", e);
        }
    }

    private @Nullable ByteBuffer record(FileChannel channel, String upload, long at) throws IOException {
        try {
            int length = read(channel, Integer.BYTES).getInt();
            if (length <= 0 || length > STEP) {
                return null;
            }
            byte[] nonce = read(channel, NONCE).array();
            ByteBuffer secret = read(channel, length + TAG);
            ByteBuffer plain = ByteBuffer.allocate(length);
            cipher(Cipher.DECRYPT_MODE, nonce, upload, at).doFinal(secret, plain);
            return plain.flip();
        } catch (EOFException | GeneralSecurityException e) {
            return null;
        }
    }

    private static ByteBuffer read(FileChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }

    /// Forgets the tails of an upload that begin before `offset`: those bytes are elsewhere by now.
    public void forget(String upload, long offset) {
        String prefix = name(upload);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder, file -> String.valueOf(file.getFileName()).startsWith(prefix))) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                long begin = Long.parseLong(name.substring(prefix.length(), name.length() - SUFFIX.length()));
                if (begin < offset) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw failed("delete", e);
        }
    }

    /// Forgets all that is kept of an upload.
    public void forget(String upload) {
        forget(upload, Long.MAX_VALUE);
    }

    private Path file(String upload, long begin) {
        return folder.resolve(name(upload) + begin + SUFFIX);
    }

    private static String name(String upload) {
        if (!Ids.isIdentifier(upload)) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the id of an upload");
        }
        return "u-" + upload + "@";
    }

    private ProblemException failed(String doing, IOException e) {
        boolean full = String.valueOf(e.getMessage()).contains("No space left on device");
        return new ProblemException(
                full ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL,
                "cannot " + doing + " the tail of an upload in " + folder + ": " + e.getMessage(),
                e);
    }
}
