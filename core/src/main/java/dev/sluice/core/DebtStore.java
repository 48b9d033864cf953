package dev.sluice.core;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where debts are kept; the same transactions and errors as [JobStore].
public interface DebtStore {
    /// Records a debt of a job whose worker holds `fence`.
    ///
    /// @throws Stopped `FENCED` where somebody else holds the job
    Debt owe(JobId job, long fence, String type, Debt.When when, Record detail, Instant at);

    /// Says anew what a debt of a job whose worker holds `fence` consists of, or when it falls due.
    ///
    /// @throws Stopped `FENCED` where somebody else holds the job
    Debt amend(Debt debt, long fence, Debt.When when, Record detail);

    /// Asks for a debt that is to go unless its job is completed. Whoever is given it has it until it is struck
    /// or postponed or that node is gone: a payer that is far behind must not take back what a later session
    /// has published under the same name.
    Taking take(Debt debt, NodeId payer);

    /// The answer to who wants to pay.
    enum Taking {
        GIVEN,
        /// It has been paid.
        GONE,
        /// Another node pays it or holds the job, or the job is completed.
        REFUSED
    }

    /// Strikes a debt off; where it was the last one of a job that was cancelled or failed, an event says so.
    void strike(DebtId debt, Instant at);

    /// Tells of a cancelled job that owes nothing what its receipt could not say yet, unless that has been told.
    void tellCleaned(JobId job, Instant at);

    /// Notes that paying failed, and when anybody may try again.
    void postpone(DebtId debt, Instant notBefore);

    /// The debts of a job, newest first: what was made last is taken back first.
    List<Debt> of(JobId job);

    /// Jobs with debts that are due: those that ended, those with a debt due at once.
    List<JobId> debtors(Instant now, int limit);

    /// All of them, by their ids.
    ///
    /// @param after those behind this one; null: from the first
    List<Debt> page(@Nullable DebtId after, int limit);

    long count();
}
