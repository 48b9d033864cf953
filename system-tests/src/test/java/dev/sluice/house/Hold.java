package dev.sluice.house;

import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.Stopped;
import dev.sluice.upload.Opening;
import dev.sluice.upload.UploadSession;
import java.nio.ByteBuffer;
import java.util.List;

/// A client that has hold of an upload: does what clients do, and sees to it that a stopped one changes
/// nothing.
final class Hold {
    final Cargo cargo;
    final TestingNode node;
    private final House house;
    private final UploadSession session;
    private final int beginning;

    private Hold(House house, Cargo cargo, TestingNode node, UploadSession session, int beginning) {
        this.house = house;
        this.cargo = cargo;
        this.node = node;
        this.session = session;
        this.beginning = beginning;
    }

    static Hold open(House house, Cargo cargo, TestingNode node, Opening opening) {
        if (opening != Opening.RESUME) {
            return anew(house, cargo, node, opening);
        }
        int beginning = cargo.beginning();
        long kept = cargo.acknowledged();
        UploadSession session = node.uploads.open(cargo.id, opening);
        if (cargo.beginning() == beginning && session.offset() < kept) {
            throw house.broken(
                    cargo.id + ": " + kept + " bytes were acknowledged, only " + session.offset() + " are kept");
        }
        if (session.offset() > cargo.size()) {
            throw house.broken(cargo.id + " has " + session.offset() + " bytes of " + cargo.size());
        }
        return new Hold(house, cargo, node, session, beginning);
    }

    private static Hold anew(House house, Cargo cargo, TestingNode node, Opening opening) {
        cargo.beginAnew();
        UploadSession session;
        int beginning;
        try {
            session = node.uploads.open(cargo.id, opening);
        } finally {
            beginning = cargo.begun();
        }
        if (session.offset() != 0) {
            throw house.broken(cargo.id + " begins anew at " + session.offset());
        }
        return new Hold(house, cargo, node, session, beginning);
    }

    boolean isStopped() {
        return session.stop().stopped();
    }

    long missing() {
        return cargo.size() - session.offset();
    }

    void write(int length) {
        long before = session.offset();
        obeying("write", () -> session.write(cargo.from(before, length)));
        if (session.offset() != before + length) {
            throw house.broken(cargo.id + " took " + length + " bytes at " + before + " and is at " + session.offset());
        }
        cargo.acknowledge(beginning, session.offset());
    }

    /// More than was announced.
    void writeTooMuch() {
        obeying("write", () -> {
            session.write(ByteBuffer.allocate((int) missing() + 1));
            throw house.broken(cargo.id + " took more than was announced");
        });
    }

    void finish() {
        obeying("finish", session::finish);
        cargo.completionWasAnswered();
    }

    void fail(Problem problem) {
        obeying("fail", () -> session.fail(problem));
    }

    void close() {
        boolean fenced =
                session.stop().reason().filter(StopReason.FENCED::equals).isPresent();
        node.faults.effects();
        session.close();
        List<String> effects = node.faults.effects();
        if (fenced && !effects.isEmpty()) {
            throw house.broken(cargo.id + ": a client that was fenced has changed something at its end: " + effects);
        }
    }

    /// Whoever was stopped before a call is told so and changes nothing.
    private void obeying(String what, Runnable call) {
        boolean late = session.stop().stopped() || cargo.isCancelled();
        node.faults.effects();
        try {
            call.run();
        } catch (Stopped stopped) {
            checkNothing(late, what);
            throw stopped;
        } catch (ProblemException failed) {
            checkNothing(late, what);
            throw failed;
        }
        if (late) {
            throw house.broken(cargo.id + " went on after its stop: " + what);
        }
    }

    private void checkNothing(boolean late, String what) {
        List<String> effects = node.faults.effects();
        if (late && !effects.isEmpty()) {
            throw house.broken(cargo.id + " was stopped and yet " + what + " has changed something: " + effects);
        }
    }
}
