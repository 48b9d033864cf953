package dev.sluice.storage;

import dev.sluice.core.Commit;
import dev.sluice.core.Debt;
import dev.sluice.core.DebtPayer;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobStore;
import dev.sluice.core.Session;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// The object that a job puts into a storage: what must not stay of it is owed before it is made, the unfinished one
/// until the job has ended, the visible one until the job is completed. Used by one thread at a time, on the
/// storage's [Storage#executor()].
public final class Deposit implements AutoCloseable {
    private final Session session;
    private final String name;
    private final Storage storage;
    private final ObjectUpload upload;

    private Deposit(Session session, String name, Storage storage, ObjectUpload upload) {
        this.session = session;
        this.name = name;
        this.storage = storage;
        this.upload = upload;
    }

    /// What is to be put where.
    ///
    /// @param storage its name among `storages`
    /// @param filename safe on every system
    /// @param size or [ObjectSpec#UNKNOWN]
    /// @param scattered whether its bytes come in any order
    public record Order(
            Storages storages, String storage, String filename, long size, String contentType, boolean scattered) {
        /// One whose bytes come in order.
        public Order(Storages storages, String storage, String filename, long size, String contentType) {
            this(storages, storage, filename, size, contentType, false);
        }

        Storage place() {
            return storages.named(storage);
        }
    }

    /// Takes up what an earlier session of the job has put there, or begins.
    ///
    /// @param fresh whether what is there is given up: it becomes a debt that is due at once
    public static Deposit open(Session session, Order order, boolean fresh) {
        Storage storage = order.place();
        Optional<Debt> earlier = unfinished(session);
        if (earlier.isPresent() && !fresh) {
            Optional<ObjectUpload> resumed = resume(session, order, storage, earlier.get());
            if (resumed.isPresent()) {
                return new Deposit(session, order.storage(), storage, resumed.get());
            }
        }
        giveUp(session);
        return new Deposit(session, order.storage(), storage, begin(session, order, storage));
    }

    /// What an earlier session of the job has put into a storage and not finished falls due at once.
    public static void giveUp(Session session) {
        session.debts().stream()
                .filter(debt -> debt.type().equals(ObjectDebt.TYPE) && debt.when() == Debt.When.UNLESS_COMPLETED)
                .forEach(
                        debt -> session.amend(debt, Debt.When.NOW, debt.detail().as(ObjectDebt.class)));
        unfinished(session)
                .ifPresent(
                        debt -> session.amend(debt, Debt.When.NOW, debt.detail().as(SessionDebt.class)));
    }

    private static Optional<Debt> unfinished(Session session) {
        return session.debts().stream()
                .filter(debt -> debt.type().equals(SessionDebt.TYPE) && debt.when() == Debt.When.ENDED)
                .findFirst();
    }

    private static Optional<ObjectUpload> resume(Session session, Order order, Storage storage, Debt earlier) {
        UploadState state = earlier.detail().as(SessionDebt.class).state();
        return switch (storage.resume(state, saver(session, order, earlier), session.stop())) {
            case Resumed.Open open -> Optional.of(open.upload());
            case Resumed.AlreadyCommitted committed ->
                Optional.of(new CommittedUpload(storage, state, committed.ref(), session.stop()));
            case Resumed.Gone gone -> Optional.empty();
        };
    }

    private static ObjectUpload begin(Session session, Order order, Storage storage) {
        String objectId = objectId(session);
        UploadState intent =
                storage.intend(new ObjectSpec(objectId, order.filename(), order.size(), order.contentType()));
        Debt debt = session.owe(
                SessionDebt.TYPE, Debt.When.ENDED, new SessionDebt(order.storage(), intent, order.scattered()));
        return storage.begin(intent, saver(session, order, debt), session.stop());
    }

    /// One job may begin several objects, one after the other: the fencing number tells them apart, and in one session
    /// their number.
    private static String objectId(Session session) {
        String id = session.id() + "-" + session.job().fence();
        List<String> known = session.debts().stream()
                .filter(debt -> debt.type().equals(SessionDebt.TYPE))
                .map(debt -> debt.detail().as(SessionDebt.class).state().id())
                .toList();
        String next = id;
        for (int n = 2; known.contains(next); n++) {
            next = id + "-" + n;
        }
        return next;
    }

    private static UploadStateSink saver(Session session, Order order, Debt debt) {
        return state ->
                session.amend(debt, Debt.When.ENDED, new SessionDebt(order.storage(), state, order.scattered()));
    }

    public ObjectUpload upload() {
        return upload;
    }

    public Storage storage() {
        return storage;
    }

    /// Makes the object visible under a name that is free, and the job completed with it.
    ///
    /// @param facts what the job knows once the object is there
    /// @param uses jobs that complete with this one
    /// @throws dev.sluice.core.Stopped where something else was decided first
    public Job commit(Function<ObjectRef, Record> facts, List<JobId> uses) {
        return session.commit(new Publication(facts, uses));
    }

    private final class Publication implements Commit<ObjectRef> {
        private final Function<ObjectRef, Record> facts;
        private final List<JobId> uses;
        private ObjectRef target = upload.target();

        Publication(Function<ObjectRef, Record> facts, List<JobId> uses) {
            this.facts = facts;
            this.uses = uses;
        }

        @Override
        public String debtType() {
            return ObjectDebt.TYPE;
        }

        @Override
        public Record intent() {
            target = upload.target();
            return new ObjectDebt(name, upload.state(), target);
        }

        @Override
        public ObjectRef publish() throws TargetTaken {
            return upload.commit(target, Precondition.ABSENT);
        }

        @Override
        public Record facts(ObjectRef ref) {
            return facts.apply(ref);
        }

        @Override
        public List<JobId> uses() {
            return uses;
        }

        @Override
        public boolean survivesPowerCut() {
            return storage.shape().survivesPowerCut();
        }
    }

    /// Lets go of files and connections; what is unfinished can be taken up again.
    @Override
    public void close() {
        upload.close();
    }

    // ---- What is owed

    /// Who pays what deposits leave, by type of debt.
    public static Map<String, DebtPayer> payers(Storages storages) {
        return Map.of(
                SessionDebt.TYPE,
                new SessionPayer(storages),
                ObjectDebt.TYPE,
                new ObjectPayer(storages),
                ContentDebt.TYPE,
                new ContentPayer(storages));
    }

    /// What removing a completed job leaves, should its object go too.
    public static JobStore.Leftover content(String storage, ObjectRef ref) {
        return new JobStore.Leftover(ContentDebt.TYPE, new ContentDebt(storage, ref));
    }

    private static DebtPayer.Place place(Storages storages, String storage) {
        return new DebtPayer.Place(storage, storages.named(storage).shape().remote());
    }

    private record ContentPayer(Storages storages) implements DebtPayer {
        @Override
        public void pay(Debt debt) {
            var owed = debt.detail().as(ContentDebt.class);
            storages.named(owed.storage()).delete(owed.ref());
        }

        @Override
        public Place place(Debt debt) {
            return Deposit.place(storages, debt.detail().as(ContentDebt.class).storage());
        }
    }

    private record ObjectPayer(Storages storages) implements DebtPayer {
        @Override
        public void pay(Debt debt) {
            var owed = debt.detail().as(ObjectDebt.class);
            storages.named(owed.storage()).takeBack(owed.state(), owed.ref());
        }

        @Override
        public Place place(Debt debt) {
            return Deposit.place(storages, debt.detail().as(ObjectDebt.class).storage());
        }

        /// Also where it has become due at once.
        @Override
        public boolean isPublished(Debt debt) {
            return true;
        }

        @Override
        public boolean isNeeded(Debt debt) {
            Storage storage =
                    storages.all().get(debt.detail().as(ObjectDebt.class).storage());
            return storage != null && !storage.shape().revertible();
        }
    }

    private record SessionPayer(Storages storages) implements DebtPayer {
        @Override
        public void pay(Debt debt) {
            var owed = debt.detail().as(SessionDebt.class);
            storages.named(owed.storage()).discard(owed.state());
        }

        @Override
        public Place place(Debt debt) {
            return Deposit.place(storages, debt.detail().as(SessionDebt.class).storage());
        }

        @Override
        public void recall(Debt debt) {
            var owed = debt.detail().as(SessionDebt.class);
            Storage storage = storages.all().get(owed.storage());
            if (storage != null) {
                storage.recall(owed.state());
            }
        }

        @Override
        public OptionalLong kept(Debt debt) {
            var owed = debt.detail().as(SessionDebt.class);
            return owed.scattered()
                    ? OptionalLong.empty()
                    : OptionalLong.of(storages.named(owed.storage()).kept(owed.state()));
        }
    }
}
