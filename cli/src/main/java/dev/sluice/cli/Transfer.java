package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.ErrorCode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Sends one file until the server has all of it: asks for the offset, sends from there, and begins again after
/// whatever went wrong, until the server's answer is final.
final class Transfer {
    private static final int CHUNK = 256 * 1024;
    private static final long ANSWER_SECONDS = 3600;
    private static final Duration PAUSE_LOOK = Duration.ofSeconds(1);
    private static final Duration STALLED = Duration.ofSeconds(15);

    private final Server server;
    private final UploadFile file;
    private final UploadView view;
    private final Interrupt interrupt;
    private final Backoff backoff;
    private final AtomicLong sent = new AtomicLong();
    private long kept;

    Transfer(Server server, UploadFile file, UploadView view, Interrupt interrupt, Backoff backoff) {
        this.server = server;
        this.file = file;
        this.view = view;
        this.interrupt = interrupt;
        this.backoff = backoff;
    }

    /// @return the file's document, completed
    /// @throws Failure where it will never be
    JsonNode run() throws InterruptedException {
        while (true) {
            interrupt.check();
            try {
                var done = attempt();
                if (done.isPresent()) {
                    return done.get();
                }
            } catch (IOException e) {
                interrupt.check();
                waitAfter(Failure.why(e));
            }
        }
    }

    /// One look at the server and, where it wants more, one request. Empty: look again.
    private Optional<JsonNode> attempt() throws IOException, InterruptedException {
        file.requireUnchanged();
        var answer = server.get(route());
        if (!answer.ok()) {
            refused(answer);
            return Optional.empty();
        }
        var document = answer.json();
        switch (document.path("status").asText()) {
            case "completed" -> {
                return Optional.of(document);
            }
            case "cancelled" -> throw cancelled(document);
            case "failed" -> throw failed(document);
            default -> {}
        }
        if (!document.path("offset").isIntegralNumber()
                && !document.path("offset").isMissingNode()) {
            throw new Failure(Exit.FAILED, ErrorCode.INTERNAL, "the server told no offset of " + file.name());
        }
        var offset = document.path("offset").asLong(0);
        if (offset > kept) {
            backoff.reset();
        }
        kept = offset;
        var put = put(offset);
        if (put.ok()) {
            backoff.reset();
            return "completed".equals(put.json().path("status").asText()) ? Optional.of(put.json()) : Optional.empty();
        }
        refused(put);
        return Optional.empty();
    }

    private String route() {
        return "/api/v1/upload/" + file.id();
    }

    private Http.Answer put(long offset) throws IOException {
        var length = file.size() - offset;
        if (length < 0) {
            throw new Failure(
                    Exit.FAILED, ErrorCode.SIZE_MISMATCH, "the server holds more of " + file.name() + " than there is");
        }
        var headers = new LinkedHashMap<String, String>();
        headers.put("Accept", "application/json");
        headers.put("Content-Type", "application/octet-stream");
        if (length > 0) {
            headers.put("Content-Range", "bytes " + offset + "-" + (file.size() - 1) + "/" + file.size());
        } else if (file.size() > 0) {
            headers.put("Content-Range", "bytes */" + file.size());
        }
        sent.set(offset);
        view.moved(file, offset);
        try (var source = FileChannel.open(file.path(), StandardOpenOption.READ);
                var exchange = Http.open(server.endpoint(), "PUT", route(), headers, length)) {
            interrupt.closes(exchange);
            var watchdog = Thread.ofVirtual().name("watchdog").start(() -> watch(exchange));
            try {
                send(source, offset, exchange);
                return exchange.await(ANSWER_SECONDS);
            } finally {
                watchdog.interrupt();
            }
        }
    }

    /// The last bytes leave only when the file is still the one that we began with.
    private void send(FileChannel source, long offset, Http exchange) throws IOException {
        var buffer = ByteBuffer.allocate(CHUNK);
        var position = offset;
        while (position < file.size() && !exchange.answered()) {
            buffer.clear().limit((int) Math.min(CHUNK, file.size() - position));
            while (buffer.hasRemaining()) {
                if (source.read(buffer, position + buffer.position()) < 0) {
                    throw file.changed(new EOFException("it is shorter than it was"));
                }
            }
            if (position + buffer.limit() == file.size()) {
                file.requireUnchanged();
            }
            exchange.write(buffer.array(), buffer.limit());
            position += buffer.limit();
            sent.set(position);
            view.moved(file, position);
        }
    }

    /// A dead network does not say so: where nothing moves for a while, the server is asked by another
    /// connection, and the request is given up if it cannot be asked or has already decided.
    private void watch(Http exchange) {
        try {
            for (var before = sent.get(); !exchange.answered(); ) {
                Thread.sleep(STALLED);
                var now = sent.get();
                if (now == before && !stillWanted()) {
                    exchange.giveUp("nothing moved for " + STALLED.toSeconds() + " s");
                    return;
                }
                before = now;
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean stillWanted() {
        try {
            var answer = server.get(route());
            var status = answer.json().path("status").asText();
            return answer.ok()
                    && !status.equals("cancelled")
                    && !status.equals("failed")
                    && !status.equals("completed");
        } catch (IOException unreachable) {
            return false;
        }
    }

    /// Waits where the answer is not final.
    ///
    /// @throws Failure where it is
    private void refused(Http.Answer answer) throws IOException, InterruptedException {
        var failure = Failure.of(answer);
        switch (answer.status()) {
            case 409 -> conflict(answer, failure);
            case 410 -> throw gone(failure);
            case 404 -> throw Failure.told(Exit.NOT_FOUND, failure.code(), failure.getMessage());
            case 408, 429 -> waitAfter(failure.getMessage());
            default -> {
                if (answer.status() < 500) {
                    throw failure;
                }
                if (failure.isOfStorage()) {
                    throw Failure.told(Exit.FAILED, failure.code(), failure.getMessage());
                }
                waitAfter(failure.getMessage());
            }
        }
    }

    /// Another offset, a pause, or a cancel.
    private void conflict(Http.Answer answer, Failure failure) throws IOException, InterruptedException {
        if (failure.code().equals("offset_mismatch") || answer.headers().containsKey("upload-offset")) {
            waitAfter("the server is at another offset");
            return;
        }
        switch (state()) {
            case "paused" -> waitWhilePaused();
            case "cancelled" -> throw cancelled(document());
            case "failed" -> throw failed(document());
            case "completed" -> {}
            default -> throw Failure.told(Exit.REFUSED, failure.code(), failure.getMessage());
        }
    }

    private void waitWhilePaused() throws IOException, InterruptedException {
        view.note(file, "paused; waiting for `sluice resume " + file.id() + "`");
        while (state().equals("paused")) {
            Thread.sleep(PAUSE_LOOK);
            interrupt.check();
        }
        view.note(file, "resumed");
    }

    private String state() throws IOException {
        var answer = server.get("/api/v1/jobs/" + file.id());
        return answer.json().path("state").asText(document().path("status").asText());
    }

    private JsonNode document() throws IOException {
        return server.get(route()).json();
    }

    private Failure gone(Failure failure) throws IOException {
        var document = document();
        return switch (document.path("status").asText()) {
            case "cancelled" -> cancelled(document);
            case "failed" -> failed(document);
            default -> new Failure(Exit.FAILED, ErrorCode.GONE, failure.getMessage());
        };
    }

    private static Failure cancelled(JsonNode document) {
        @Nullable String by = document.path("cancelled_by").textValue();
        return new Failure(Exit.CANCELLED, ErrorCode.CANCELLED, "cancelled" + (by == null ? "" : " by " + by));
    }

    private static Failure failed(JsonNode document) {
        return Failure.told(
                Exit.FAILED,
                document.path("code").asText(ErrorCode.INTERNAL.code()),
                document.path("error").asText("failed on the server"));
    }

    private void waitAfter(String what) throws InterruptedException {
        var pause = backoff.next();
        if (backoff.failures() > 1 || !what.contains("offset")) {
            view.note(file, what + "; trying again");
        }
        Thread.sleep(pause);
    }
}
