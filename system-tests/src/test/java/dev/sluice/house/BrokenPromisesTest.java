package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.JobState;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stopped;
import dev.sluice.storage.Durability;
import dev.sluice.upload.Opening;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What once broke a promise, each in the fewest steps.
class BrokenPromisesTest {
    @TempDir
    Path folder;

    private House house;
    private TestingNode node;
    private Cargo cargo;

    @BeforeEach
    void announce() throws Exception {
        Path template = Files.createDirectory(folder.resolve("template"));
        house = new House(
                Ground.Sqlite.in(template), Files.createDirectory(folder.resolve("house")), Durability.PROCESS);
        node = house.start("a");
        while (house.cargo.isEmpty() || house.cargo.getLast().size() < 100) {
            house.submit(node, new Random(house.cargo.size()), 1, false);
        }
        cargo = house.cargo.getLast();
    }

    @AfterEach
    void close() {
        house.close();
    }

    /// Bytes that the storage did not take were in the digest, and a saved checkpoint carried them on.
    @Test
    void aWriteThatFailedIsNotInTheDigest() {
        Hold hold = Hold.open(house, cargo, node, Opening.RESUME);
        hold.write(10);
        node.faults.planAt("write", new Faults.Plan(Faults.What.FAIL, 1, false, null));
        assertThatThrownBy(() -> hold.write(20)).isInstanceOf(ProblemException.class);
        hold.close();
        completeAndCheck();
    }

    @Test
    void aWriteThatAPauseStoppedIsNotInTheDigest() {
        Hold hold = Hold.open(house, cargo, node, Opening.RESUME);
        hold.write(10);
        node.faults.planAt(
                "write", new Faults.Plan(Faults.What.MEANWHILE, 1, false, () -> node.engine.pause(cargo.id)));
        assertThatThrownBy(() -> hold.write(20)).isInstanceOf(Stopped.class);
        hold.close();
        completeAndCheck();
    }

    /// A laptop that slept: the node fenced its clients and kept their jobs, which ran on without anyone, for
    /// ever.
    @Test
    void aJobWhoseNodeSleptThroughItsLeaseWaitsForItsClientAgain() {
        Hold hold = Hold.open(house, cargo, node, Opening.RESUME);
        hold.write(10);
        house.clock.pass(Duration.ofSeconds(20));
        node.steps.renewLease();
        assertThat(hold.isStopped()).isTrue();
        hold.close();
        house.settle();
        assertThat(node.engine.job(cargo.id).state()).isEqualTo(JobState.PENDING);
        assertThat(node.engine.job(cargo.id).expires()).isNotNull();
        completeAndCheck();
    }

    /// The database was away when the client left, so that its leaving was never recorded.
    @Test
    void aJobWhoseClientLeftWhileTheDatabaseWasAwayWaitsForItAgain() {
        Hold hold = Hold.open(house, cargo, node, Opening.RESUME);
        hold.write(10);
        node.faults.cut(true);
        assertThatThrownBy(hold::close).isInstanceOf(ProblemException.class);
        node.faults.cut(false);
        house.settle();
        assertThat(node.engine.job(cargo.id).state()).isEqualTo(JobState.PENDING);
        completeAndCheck();
    }

    /// The claim was recorded, its answer was lost: the job waited without a bound.
    @Test
    void aJobWhoseClaimWasAnsweredToNobodyStillExpires() {
        node.faults.planAt("change", new Faults.Plan(Faults.What.FAIL, 1, true, null));
        assertThatThrownBy(() -> Hold.open(house, cargo, node, Opening.RESUME)).isInstanceOf(ProblemException.class);
        house.settle();
        assertThat(node.engine.job(cargo.id).expires()).isNotNull();
    }

    /// Paused or given up between publishing and completing, then the process died: nobody took the object back
    /// before the job's next client, which may never come.
    @Test
    void anObjectOfAPausedJobIsTakenBackByTheNextProcess() {
        Hold hold = Hold.open(house, cargo, node, Opening.RESUME);
        hold.write(cargo.size());
        node.faults.planAt("commit", new Faults.Plan(Faults.What.MEANWHILE, 1, true, () -> {
            node.engine.pause(cargo.id);
            node.faults.kill();
        }));
        assertThatThrownBy(hold::finish).isInstanceOf(Crash.class);
        house.bury();
        node = house.start("a");
        house.settle();
        house.check();
        completeAndCheck();
    }

    /// A client whose node has fenced itself saved its checkpoint all the same.
    @Test
    void aFencedClientSavesNothing() {
        Hold hold = Hold.open(house, cargo, node, Opening.RESUME);
        hold.write(10);
        house.clock.pass(Duration.ofSeconds(20));
        node.steps.renewLease();
        hold.close();
        assertThat(node.faults.effects()).isEmpty();
    }

    private void completeAndCheck() {
        house.settle();
        house.check();
        house.bringHome();
        house.settle();
        house.check();
        assertThat(node.engine.job(cargo.id).state()).isEqualTo(JobState.COMPLETED);
    }
}
