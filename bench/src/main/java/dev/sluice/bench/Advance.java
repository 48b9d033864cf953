package dev.sluice.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Watches how far each of many uploads is, by the server's own frames, ten a second: what counts is what a storage
/// has taken, not what lies in a socket.
final class Advance implements AutoCloseable {
    private static final int KEEP = 1 << 20;
    private static final String JOBS = "jobs";

    private final JsonFactory json = new JsonFactory();
    private final Map<String, Upload> uploads = new HashMap<>();
    private final Object lock = new Object();
    private final Watchers watchers;

    private static final class Upload {
        long bytes;
        long since = System.nanoTime();
        long atFirst;
        long longest;

        void at(long now, long count) {
            if (count != bytes) {
                longest = Math.max(longest, now - since);
                since = now;
                bytes = count;
            }
        }
    }

    /// What came of all uploads.
    ///
    /// @param still the longest that one and the same of them stood still, in seconds
    /// @param least how many bytes the slowest went on by
    /// @param all how many all of them went on by
    record Moved(double still, long least, long all) {}

    Advance(InetSocketAddress address) {
        watchers = Watchers.connect(
                address, "/ws/jobs", 1, KEEP, (watcher, text, kept, length, nanos) -> read(text, kept, nanos));
    }

    private void read(byte[] text, int kept, long nanos) {
        try (JsonParser parser = json.createParser(text, 0, kept)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if (field.equals("type") && !parser.getText().equals("progress")) {
                    return;
                }
                if (field.equals(JOBS) && value == JsonToken.START_ARRAY) {
                    jobs(parser, nanos);
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new BenchException("a frame is no JSON", e);
        }
    }

    /// Each is `[id,percent,bytes,…]`.
    private void jobs(JsonParser parser, long nanos) throws IOException {
        synchronized (lock) {
            while (parser.nextToken() == JsonToken.START_ARRAY) {
                parser.nextToken();
                String id = parser.getText();
                parser.nextToken();
                parser.nextToken();
                long bytes = parser.getLongValue();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    parser.skipChildren();
                }
                uploads.computeIfAbsent(id, unused -> new Upload()).at(nanos, bytes);
            }
        }
    }

    /// Forgets what was, and looks at these from now on.
    void begin(List<String> jobs) {
        synchronized (lock) {
            long now = System.nanoTime();
            for (String job : jobs) {
                Upload upload = uploads.computeIfAbsent(job, unused -> new Upload());
                upload.since = now;
                upload.longest = 0;
                upload.atFirst = upload.bytes;
            }
            uploads.keySet().retainAll(jobs);
        }
    }

    /// What they have done since.
    Moved moved() {
        watchers.requireAll();
        synchronized (lock) {
            long now = System.nanoTime();
            long still = 0;
            long least = Long.MAX_VALUE;
            long all = 0;
            for (Upload upload : uploads.values()) {
                still = Math.max(still, Math.max(upload.longest, now - upload.since));
                least = Math.min(least, upload.bytes - upload.atFirst);
                all += upload.bytes - upload.atFirst;
            }
            return new Moved(still / 1e9, least, all);
        }
    }

    @Override
    public void close() {
        watchers.close();
    }
}
