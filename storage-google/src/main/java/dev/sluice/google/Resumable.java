package dev.sluice.google;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.StopToken;
import dev.sluice.google.Faults.Failed;
import dev.sluice.storage.ObjectSpec;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A resumable upload at Google (Drive's guide 'Upload file data', Cloud Storage's 'Perform resumable uploads').
/// How far it has come is what the service says, never what was sent: after whatever is in doubt it is asked. Used by
/// one thread at a time.
final class Resumable {
    /// Chunks but the last have multiples of it.
    static final int GRAIN = 256 << 10;

    /// So often a service that said more before must say that it has nothing until it is believed.
    private static final int DENIALS = 3;

    private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-(\\d{1,18})");

    private final Calls calls;
    private final @Nullable Account account;
    private final long size;
    private volatile Consumer<URI> moved = there -> {};
    private volatile URI uri;
    private volatile long has;

    /// What the service said last.
    sealed interface Told {
        /// It has so many bytes from the start.
        record Has(long bytes) implements Told {}

        /// The object is there.
        record Done(JsonNode resource) implements Told {}

        /// The session is no more, or has lost what cannot be sent again.
        record Gone() implements Told {}
    }

    /// @param account null where the address is enough: for what sends no bytes
    /// @param uri the session's address
    /// @param size of the object, or [ObjectSpec#UNKNOWN]
    /// @param has how many bytes the service has said before that it has
    Resumable(Calls calls, @Nullable Account account, URI uri, long size, long has) {
        this.calls = calls;
        this.account = account;
        this.uri = uri;
        this.size = size;
        this.has = has;
    }

    /// Who sends its bytes.
    Account account() {
        return Objects.requireNonNull(account);
    }

    /// Where the session is by now: it may move.
    URI uri() {
        return uri;
    }

    /// From now on `told` hears where it goes, on the thread that learns it.
    void onMove(Consumer<URI> told) {
        moved = told;
    }

    /// How many bytes the service has by its last word.
    long has() {
        return has;
    }

    /// Asks how far it is.
    Told ask(StopToken stop) {
        return ask(size, stop);
    }

    private Told ask(long total, StopToken stop) {
        int denials = 0;
        for (int attempt = 1; ; attempt++) {
            try {
                Told told = put("bytes */" + written(total), List.of(), stop);
                if (told != null) {
                    return noted(told);
                }
                denials++;
                if (has == 0 || denials == DENIALS) {
                    return noted(new Told.Has(0));
                }
                calls.backOff().await(denials, null, stop);
            } catch (Failed e) {
                if (e.fault().remedy() == Faults.Remedy.NEW_SESSION) {
                    return new Told.Gone();
                }
                calls.settleFor(e, attempt, stop);
            }
        }
    }

    /// Brings the service up to the end of some bytes, of which it may have some already.
    ///
    /// @param begin where they begin, a multiple of [#GRAIN]
    /// @param length a multiple of it too, unless they are the last
    /// @param from gives them from an offset within them
    /// @param last whether the object ends with them
    /// @throws Failed where it does not go on
    Told send(long begin, long length, LongFunction<List<ByteBuffer>> from, boolean last, StopToken stop) {
        long end = begin + length;
        long total = last ? end : size;
        int attempt = 0;
        while (last || has < end) {
            if (has < begin || has > end) {
                return new Told.Gone();
            }
            long before = has;
            Told told = null;
            Failed failed = null;
            try {
                told = chunk(begin, end, from, total, stop);
            } catch (Failed e) {
                if (e.fault().remedy() == Faults.Remedy.NEW_SESSION) {
                    return new Told.Gone();
                }
                if (!e.fault().passing()) {
                    throw e;
                }
                failed = e;
            }
            if (told == null) {
                attempt++;
                if (failed != null) {
                    calls.settleFor(failed, attempt, stop);
                }
                told = ask(total, stop);
            } else {
                told = noted(told);
            }
            if (!(told instanceof Told.Has)) {
                return told;
            }
            if (has > before) {
                attempt = 0;
            } else if (failed == null) {
                attempt++;
                calls.settleFor(stuck(), attempt, stop);
            }
        }
        return new Told.Has(has);
    }

    /// One chunk with all that is missing.
    private @Nullable Told chunk(
            long begin, long end, LongFunction<List<ByteBuffer>> from, long total, StopToken stop) {
        boolean last = total == end;
        // A chunk in the middle is made of whole grains: what the service has of the first of them is sent again.
        long first = last ? has : has - (has - begin) % GRAIN;
        if (first == end) {
            return put("bytes */" + written(total), List.of(), stop);
        }
        account().sending(end - first);
        return put("bytes " + first + "-" + (end - 1) + "/" + written(total), from.apply(first - begin), stop);
    }

    private static String written(long total) {
        return total == ObjectSpec.UNKNOWN ? "*" : Long.toString(total);
    }

    /// @return null where it does not say how far it is
    private @Nullable Told put(String range, List<ByteBuffer> body, StopToken stop) {
        Reply reply = calls.once(new Calls.Request("PUT", uri, Map.of("Content-Range", range), body), account, stop);
        if (reply.status() != 308) {
            try {
                return new Told.Done(reply.json());
            } catch (IOException e) {
                throw Faults.unanswered(e);
            }
        }
        reply.header("Location")
                .map(uri::resolve)
                .filter(there -> !there.equals(uri) && safe(there))
                .ifPresent(there -> {
                    uri = there;
                    moved.accept(there);
                });
        OptionalLong told = range(reply);
        return told.isEmpty() ? null : new Told.Has(told.getAsLong());
    }

    /// The address is a secret: it goes nowhere in the clear unless all does.
    private boolean safe(URI there) {
        return there.getHost() != null
                && (there.getScheme().equals("https") || uri.getScheme().equals("http"));
    }

    private static OptionalLong range(Reply reply) {
        Matcher range = RANGE.matcher(reply.header("Range").orElse(""));
        return range.matches() ? OptionalLong.of(Long.parseLong(range.group(1)) + 1) : OptionalLong.empty();
    }

    private Told noted(Told told) {
        if (told instanceof Told.Has known) {
            has = known.bytes();
        }
        return told;
    }

    private static Failed stuck() {
        return new Failed(new Faults.Fault(503, "", "it takes the bytes and does not have them", null, null), null);
    }

    /// Takes the session away, without a token where its address is enough. What is gone already does no harm.
    static void cancel(Calls calls, URI uri, @Nullable Account by, StopToken stop) {
        try {
            cancelAs(calls, uri, null, stop);
        } catch (Failed e) {
            if (by == null || !isRefusal(e)) {
                throw e;
            }
            cancelAs(calls, uri, by, stop);
        }
    }

    /// Whether it is the one who asks that is refused.
    static boolean isRefusal(Failed failed) {
        int status = failed.fault().status();
        return status == 401 || status == 403;
    }

    private static void cancelAs(Calls calls, URI uri, @Nullable Account by, StopToken stop) {
        var delete = new Calls.Request("DELETE", uri, Map.of("Content-Length", "0"), List.of());
        try {
            calls.again(stop, () -> calls.once(delete, by, stop));
        } catch (Failed e) {
            int status = e.fault().status();
            if (status != 499 && status != 404 && status != 410) {
                throw e;
            }
        }
    }
}
