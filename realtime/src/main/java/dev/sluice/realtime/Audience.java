package dev.sluice.realtime;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The live watchers of one view. What they are told is written down once for all of them.
final class Audience {
    private static final int FRAMES_KEPT = 8;

    /// A progress frame.
    ///
    /// @param message null where nothing changed
    /// @param tick up to which it tells
    record Frame(@Nullable Message message, long tick) {}

    final View view;
    /// Changed under the switchboard's gate only.
    final Set<Watcher> watchers = ConcurrentHashMap.newKeySet(2);

    private final Map<Long, Frame> frames = new HashMap<>(2);
    private long framesVersion = -1;
    private volatile long changed;

    Audience(View view, long tick) {
        this.view = view;
        this.changed = tick;
    }

    /// The last tick that may have changed something here.
    long changed() {
        return changed;
    }

    void changed(long tick) {
        changed = tick;
    }

    /// All that changed after tick `from`. A frame that was made before a job stopped is never used after that.
    Frame frame(long from, Hub hub) {
        synchronized (frames) {
            long version = hub.board().version();
            Frame known = framesVersion == version ? frames.get(from) : null;
            if (known != null) {
                return known;
            }
            var changes = hub.board().since(view, from);
            if (framesVersion != changes.version() || frames.size() >= FRAMES_KEPT) {
                frames.clear();
                framesVersion = changes.version();
            }
            var frame = new Frame(
                    changes.jobs().isEmpty()
                            ? null
                            : new Message(
                                    Message.Type.PROGRESS,
                                    hub.frames().progress(hub.clock().instant(), changes.jobs()),
                                    null),
                    changes.tick());
            frames.put(from, frame);
            return frame;
        }
    }
}
