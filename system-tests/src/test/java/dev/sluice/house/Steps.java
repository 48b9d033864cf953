package dev.sluice.house;

import dev.sluice.core.Engine;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Turns an engine's timers by hand: what it does on its own would otherwise happen whenever it likes, and no
/// seed would bring it back.
final class Steps {
    private final Engine engine;
    private final Object keeper;
    private final Collection<?> waitingToPay;
    private final Map<?, ?> paying;
    private final AutoCloseable lanes;

    Steps(Engine engine) {
        this.engine = engine;
        this.keeper = field(engine, "keeper");
        Object debts = field(engine, "debts");
        this.waitingToPay = (Collection<?>) field(debts, "woken");
        this.paying = (Map<?, ?>) field(debts, "paying");
        this.lanes = (AutoCloseable) field(debts, "lanes");
    }

    void start() {
        engine.start();
        for (String timer : new String[] {"ticker", "keeper", "sweeper"}) {
            ((ScheduledExecutorService) field(keeper, timer)).shutdownNow();
        }
    }

    void tick() {
        call("tick");
    }

    void renewLease() {
        call("renewLease");
    }

    void sweep() {
        call("sweep");
    }

    /// Whether no debt is being paid or waits for its turn. Who gets its turn is paying before it waits no longer.
    boolean idle() {
        return waitingToPay.isEmpty() && paying.isEmpty();
    }

    /// As a crash: nothing is said to anyone.
    void abandon() {
        engine.halt();
        try {
            lanes.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static boolean within(long millis, BooleanSupplier condition) {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(50_000);
        }
        return true;
    }

    private void call(String name) {
        try {
            var method = keeper.getClass().getDeclaredMethod(name);
            method.setAccessible(true);
            method.invoke(keeper);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object field(Object owner, String name) {
        try {
            Field field = owner.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(owner);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
