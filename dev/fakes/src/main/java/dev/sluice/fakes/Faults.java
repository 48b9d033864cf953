package dev.sluice.fakes;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The faults that are switched on. Several may hit one call. Safe for use by many threads.
public final class Faults {
    private static final Pattern RULE =
            Pattern.compile("([a-z-]+)(?:=(\\d+))?(?:@([a-z-]+))?(?:\\+(\\d+))?(?:\\*(\\d+|always))?");

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private final List<Rule> rules = new ArrayList<>();
    private long releases;

    /// @param skip how many calls of that kind it lets pass first
    /// @param times how many it hits then
    public record Rule(Fault fault, Step on, int skip, int times) {
        public Rule {
            if (skip < 0 || times < 1) {
                throw new IllegalArgumentException("a fault skips no fewer than 0 calls and hits at least 1");
            }
        }

        /// Written as `FAULT[=VALUE][@STEP][+SKIP][*TIMES]`: `drop-at=300000@chunk+1*2` lets one chunk pass and
        /// cuts the next two; `*always` never ends.
        public static Rule parse(String text) {
            Matcher matcher = RULE.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is no fault; write FAULT[=VALUE][@STEP][+SKIP][*TIMES]");
            }
            String times = matcher.group(5);
            return new Rule(
                    FaultNames.fault(matcher.group(1), matcher.group(2)),
                    matcher.group(3) == null ? Step.ANY : Step.of(matcher.group(3)),
                    matcher.group(4) == null ? 0 : Integer.parseInt(matcher.group(4)),
                    times == null ? 1 : times.equals("always") ? Integer.MAX_VALUE : Integer.parseInt(times));
        }
    }

    /// Hits the next call of that kind.
    public void next(Step on, Fault fault) {
        add(new Rule(fault, on, 0, 1));
    }

    /// Hits the next calls of that kind.
    public void next(Step on, int times, Fault fault) {
        add(new Rule(fault, on, 0, times));
    }

    /// Hits the call of that kind that comes after so many others.
    public void after(int skip, Step on, Fault fault) {
        add(new Rule(fault, on, skip, 1));
    }

    /// Hits every call of that kind, until [#clear].
    public void always(Step on, Fault fault) {
        add(new Rule(fault, on, 0, Integer.MAX_VALUE));
    }

    public void add(Rule rule) {
        lock.lock();
        try {
            rules.add(rule);
        } finally {
            lock.unlock();
        }
    }

    /// What has not been used up.
    public List<Rule> pending() {
        lock.lock();
        try {
            return List.copyOf(rules);
        } finally {
            lock.unlock();
        }
    }

    /// Switches all off; what stalls goes on.
    public void clear() {
        lock.lock();
        try {
            rules.clear();
        } finally {
            lock.unlock();
        }
        release();
    }

    /// Lets every call go on that stalls now.
    public void release() {
        lock.lock();
        try {
            releases++;
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void stall() throws InterruptedException {
        lock.lock();
        try {
            long before = releases;
            while (releases == before) {
                released.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /// The faults that hit this call; each is used up by it.
    List<Fault> hitting(Step step) {
        lock.lock();
        try {
            var hitting = new ArrayList<Fault>();
            for (int index = 0; index < rules.size(); index++) {
                Rule rule = rules.get(index);
                if (!rule.on().covers(step)) {
                    continue;
                }
                if (rule.skip() > 0) {
                    rules.set(index, new Rule(rule.fault(), rule.on(), rule.skip() - 1, rule.times()));
                    continue;
                }
                hitting.add(rule.fault());
                if (rule.times() == 1) {
                    rules.remove(index--);
                } else if (rule.times() < Integer.MAX_VALUE) {
                    rules.set(index, new Rule(rule.fault(), rule.on(), 0, rule.times() - 1));
                }
            }
            return hitting;
        } finally {
            lock.unlock();
        }
    }
}
