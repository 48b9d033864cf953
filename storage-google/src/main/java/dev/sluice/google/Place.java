package dev.sluice.google;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.cloud.Answer;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectRef;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where objects are: what is different between a bucket and a folder of Drive. Safe for use by many threads.
///
/// All calls are tried again where that may help. They throw [Faults.Failed] once that is over, and
/// [dev.sluice.core.Stopped].
interface Place {
    /// As [dev.sluice.storage.Shape#kind].
    String kind();

    Calls calls();

    /// The most bytes of one object.
    long largest();

    Digest digest(@Nullable String state);

    /// What an upload is begun with.
    ///
    /// @param upload its id, which the object carries
    /// @param file the id that the object is to have, as [#reserve] gave it
    /// @param size [dev.sluice.storage.ObjectSpec#UNKNOWN] where it is not known
    /// @param free whether nothing may stand there
    record Start(String upload, String name, @Nullable String file, String contentType, long size, boolean free) {}

    /// An id for an object that is to be; null where objects have none before they are there.
    @Nullable
    String reserve(Account by, StopToken stop);

    /// Begins a resumable upload. A call that is on its way is not cut off: a session whose address nobody hears cannot
    /// be taken away.
    ///
    /// @return the session's address, a secret
    URI begin(Account by, Start start, StopToken stop);

    /// What stands under a name; where that can be several, one that is not that upload's before one that is.
    Optional<Standing> named(Account by, String name, String upload, StopToken stop);

    /// What an upload has become.
    ///
    /// @param file as [#reserve] gave it
    /// @param name that it was to have
    Optional<Standing> made(Account by, String upload, @Nullable String file, String name, StopToken stop);

    /// What a session became.
    Standing standing(JsonNode resource);

    /// The word for an object that tells it from any other one under its name.
    ObjectRef ref(Account by, Standing there);

    /// Whether `ref` means this very object.
    boolean fits(ObjectRef ref, Standing there);

    /// Whether an object can still get another name once its upload has begun.
    boolean renames();

    /// Gives an object that is there its name.
    ///
    /// @param alone whether it replaces what else has that name
    Standing settle(Account by, Standing made, String name, boolean alone, StopToken stop);

    /// Deletes this very object; one that is not there does no harm.
    void delete(Account by, Standing object, StopToken stop);

    /// What stands where `ref` says, whether it is that very object or another.
    Optional<Standing> at(Accounts accounts, ObjectRef ref, StopToken stop);

    /// Who may touch what `ref` says.
    Account owner(Accounts accounts, ObjectRef ref, StopToken stop);

    /// Opens a run of the bytes of an object.
    Answer open(Account by, Standing object, ByteRange range, StopToken stop);
}
