package dev.sluice.fakes;

import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How commands and control routes call the faults: `drop-at` with the value `300000`, `rate-limit` with or
/// without seconds to wait.
final class FaultNames {
    private static final TreeMap<String, Function<@Nullable String, Fault>> ALL = new TreeMap<>();

    static {
        for (Reason reason : Reason.values()) {
            ALL.put(
                    reason.word(),
                    value -> new Fault.Refuse(reason, value == null ? null : Duration.ofSeconds(number(value))));
        }
        ALL.put("drop-at", value -> new Fault.DropAt(number(value)));
        ALL.put("lose-answer", value -> new Fault.LoseAnswer());
        ALL.put("keep-only", value -> new Fault.KeepOnly(number(value)));
        ALL.put("hide-range", value -> new Fault.HideRange());
        ALL.put("move-session", value -> new Fault.MoveSession(value != null));
        ALL.put("forget-session", value -> new Fault.ForgetSession(value == null ? 404 : (int) number(value)));
        ALL.put("pace", value -> new Fault.Pace(number(value)));
        ALL.put("stall", value -> new Fault.Stall(number(value)));
        ALL.put("late", value -> new Fault.Late(Duration.ofMillis(number(value))));
        ALL.put("corrupt", value -> new Fault.Corrupt());
        ALL.put("expire-token", value -> new Fault.ExpireToken());
        ALL.put("revoke-account", value -> new Fault.RevokeAccount());
    }

    private FaultNames() {}

    static Fault fault(String name, @Nullable String value) {
        Function<@Nullable String, Fault> maker = ALL.get(name);
        if (maker == null) {
            throw new IllegalArgumentException("\"" + name + "\" is no fault; there are " + all());
        }
        return maker.apply(value);
    }

    static List<String> all() {
        return List.copyOf(ALL.keySet());
    }

    private static long number(@Nullable String value) {
        if (value == null || !value.matches("\\d{1,18}")) {
            throw new IllegalArgumentException("the fault needs a number as its value, not " + value);
        }
        return Long.parseLong(value);
    }
}
