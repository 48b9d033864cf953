package dev.sluice.house;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Resumed;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Stands between one process and everything it can touch: its stores and its storage. Counts the calls, and at
/// a chosen one kills the process, fails the call, or lets something else happen first. Safe for use by many
/// threads.
final class Faults {
    /// Calls that change something outside the process.
    private static final Set<String> EFFECTS = Set.of(
            "submit",
            "change",
            "seal",
            "cancelBatch",
            "remove",
            "owe",
            "amend",
            "strike",
            "postpone",
            "begin",
            "discard",
            "takeBack",
            "delete",
            "write",
            "commit");

    /// What happens at the chosen call.
    enum What {
        CRASH,
        FAIL,
        /// A [Runnable] of the planner's.
        MEANWHILE
    }

    /// @param call how many calls from now on
    /// @param after whether the call itself is made first
    record Plan(
            What what, int call, boolean after, @Nullable Runnable meanwhile) {}

    private final ThreadLocal<List<String>> effects = ThreadLocal.withInitial(ArrayList::new);
    private final ThreadLocal<Boolean> nested = ThreadLocal.withInitial(() -> false);
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
    private volatile @Nullable Plan plan;
    private volatile String only = "";
    private volatile boolean dead;
    private volatile boolean cut;
    private volatile boolean broken;

    /// Only calls of this name count.
    void planAt(String name, Plan next) {
        only = name;
        left.set(next.call());
        plan = next;
    }

    void plan(Plan next) {
        only = "";
        left.set(next.call());
        plan = next;
    }

    void forget() {
        plan = null;
    }

    boolean dead() {
        return dead;
    }

    void kill() {
        dead = true;
    }

    /// Whether this process cannot reach the database.
    void cut(boolean now) {
        cut = now;
    }

    boolean isCut() {
        return cut;
    }

    /// A statement inside a transaction has failed by a trigger: the process dies of it.
    void diesOfDatabaseFailures(boolean now) {
        broken = now;
    }

    boolean quiet() {
        return inside.get() == 0;
    }

    /// What this thread has changed since it was asked last.
    List<String> effects() {
        List<String> seen = List.copyOf(effects.get());
        effects.get().clear();
        return seen;
    }

    <T> T around(Class<T> port, T real) {
        boolean database = port.getSimpleName().endsWith("Store");
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(),
                new Class<?>[] {port},
                (proxy, method, arguments) -> call(database, real, method, arguments)));
    }

    private @Nullable Object call(boolean database, Object real, Method method, Object @Nullable [] arguments)
            throws Throwable {
        String name = method.getName();
        if (method.getDeclaringClass() == Object.class
                || Set.of("executor", "shape", "state", "durable").contains(name)) {
            return invoke(real, method, arguments);
        }
        if (name.equals("close")) {
            // The kernel closes the files of a dead process.
            Object none = invoke(real, method, arguments);
            alive(name);
            return none;
        }
        inside.incrementAndGet();
        try {
            alive(name);
            Plan due = due(name);
            if (due != null && !due.after()) {
                happen(due, database, "before " + name);
            }
            if (cut && database) {
                throw unreachable();
            }
            Object result = invoke(real, method, arguments);
            note(name, result, arguments);
            if (due != null && due.after()) {
                happen(due, database, "after " + name);
            }
            alive(name);
            return wrapped(result);
        } catch (ProblemException e) {
            if (broken && e.code() == ErrorCode.STATE_UNAVAILABLE) {
                dead = true;
                throw new Crash("in a transaction of " + name);
            }
            throw e;
        } finally {
            inside.decrementAndGet();
        }
    }

    private @Nullable Plan due(String name) {
        Plan next = plan;
        if (next == null || nested.get() || !(only.isEmpty() || name.equals(only)) || left.decrementAndGet() != 0) {
            return null;
        }
        plan = null;
        return next;
    }

    private void happen(Plan due, boolean database, String where) {
        switch (due.what()) {
            case CRASH -> {
                dead = true;
                throw new Crash(where);
            }
            case FAIL ->
                throw database
                        ? unreachable()
                        : new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, "the storage fails " + where);
            case MEANWHILE -> {
                Runnable meanwhile = due.meanwhile();
                if (meanwhile != null) {
                    inside.decrementAndGet();
                    try {
                        meanwhile.run();
                    } finally {
                        inside.incrementAndGet();
                    }
                }
            }
        }
    }

    /// Whatever this thread does now is not counted.
    void apart(Runnable action) {
        nested.set(true);
        try {
            action.run();
        } finally {
            nested.set(false);
        }
    }

    private void note(String name, @Nullable Object result, Object @Nullable [] arguments) {
        boolean lost = name.equals("change") && result instanceof Optional<?> changed && changed.isEmpty();
        boolean nothing = name.equals("write") && arguments == null;
        if (EFFECTS.contains(name) && !lost && !nothing) {
            effects.get().add(name);
        }
    }

    private @Nullable Object wrapped(@Nullable Object result) {
        if (result instanceof ObjectUpload upload) {
            return around(ObjectUpload.class, upload);
        }
        if (result instanceof Resumed.Open open) {
            return new Resumed.Open(around(ObjectUpload.class, open.upload()));
        }
        return result;
    }

    private void alive(String name) {
        if (dead) {
            throw new Crash("before " + name);
        }
    }

    private static ProblemException unreachable() {
        return new ProblemException(ErrorCode.STATE_UNAVAILABLE, "the database cannot be reached");
    }

    private static @Nullable Object invoke(Object real, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            method.setAccessible(true);
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw cause == null ? e : cause;
        }
    }
}
