package dev.sluice.google;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// Accounts in their order, until they are set aside.
@NullMarked
final class TestingPool implements Accounts {
    private final List<Member> members;
    private final Map<String, ProblemException> aside = new ConcurrentHashMap<>();

    TestingPool(List<? extends Account> accounts) {
        this.members = accounts.stream().map(Member::new).toList();
    }

    Map<String, ProblemException> aside() {
        return aside;
    }

    long sent(String id) {
        return members.stream()
                .filter(member -> member.id().equals(id))
                .mapToLong(member -> member.sent.get())
                .sum();
    }

    @Override
    public Account any(StopToken stop) {
        return members.getFirst();
    }

    @Override
    public Account reserve(String upload, long size, StopToken stop) {
        return members.stream()
                .filter(member -> !aside.containsKey(member.id()))
                .findFirst()
                .orElseThrow(() -> aside.values().iterator().next());
    }

    @Override
    public Account named(String id) {
        return members.stream()
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new ProblemException(ErrorCode.UPSTREAM_REFUSED, "no account " + id));
    }

    private final class Member implements Account {
        private final Account account;
        private final AtomicLong sent = new AtomicLong();

        Member(Account account) {
            this.account = account;
        }

        @Override
        public String id() {
            return account.id();
        }

        @Override
        public String token(StopToken stop) {
            return account.token(stop);
        }

        @Override
        public void refused(String token) {
            account.refused(token);
        }

        @Override
        public void sending(long bytes) {
            sent.addAndGet(bytes);
        }

        @Override
        public void setAside(ProblemException why, @Nullable Instant until) {
            aside.put(id(), why);
        }
    }
}
