package dev.sluice.db;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/// One transaction of the writer, while it is open. Used on the writer's thread only.
public final class Transaction {
    private final Handle handle;
    private final Dialect dialect;
    private final Map<Class<?>, Ending> endings = new LinkedHashMap<>();

    Transaction(Handle handle, Dialect dialect) {
        this.handle = handle;
        this.dialect = dialect;
    }

    /// What has to happen once at the end of a transaction, whatever number of units it took in.
    public interface Ending {
        /// The transaction's last statements.
        void beforeCommit(Handle handle);

        /// On the writer's thread, before any of the writers learns of the commit; returns at once.
        void afterCommit();
    }

    public Handle handle() {
        return handle;
    }

    public Dialect dialect() {
        return dialect;
    }

    /// What a SELECT ends with whose rows must stay as they are until the commit.
    public String lockingRows() {
        return dialect.lockingRows();
    }

    /// The transaction's ending of this type, made when the first unit asks for it.
    public <E extends Ending> E ending(Class<E> type, Supplier<E> first) {
        return type.cast(endings.computeIfAbsent(type, missing -> first.get()));
    }

    void beforeCommit() {
        endings.values().forEach(ending -> ending.beforeCommit(handle));
    }

    void afterCommit() {
        endings.values().forEach(Ending::afterCommit);
    }
}
