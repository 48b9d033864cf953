package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class WatchedTest {
    private final Watched batch = Watched.batch("b", Set.of("one", "two"));

    @Test
    void whatTheSnapshotOfAllPassesOverIsShownWithIt() {
        batch.ended(job("one", "completed"));
        var seen = take("""
                {"type":"snapshot","jobs":[%s,%s]}""".formatted(job("two", "running"), job("foreign", "running")));
        assertThat(seen)
                .hasValueSatisfying(frame ->
                        assertThat(frame.path("jobs").findValuesAsText("id")).containsExactly("two", "one"));
        assertThat(batch.over()).isFalse();
        take("""
                {"type":"event","job":"two","event":"completed","data":{}}""");
        assertThat(batch.over()).isTrue();
    }

    @Test
    void othersAreLeftOut() {
        assertThat(take("""
                {"type":"event","job":"foreign","event":"started","data":{}}""")).isEmpty();
        assertThat(take("""
                {"type":"progress","jobs":[["foreign",1]]}""")).isEmpty();
        assertThat(take("""
                {"type":"progress","jobs":[["foreign",1],["one",2]]}"""))
                .hasValueSatisfying(frame -> assertThat(frame.path("jobs")).hasSize(1));
    }

    @Test
    void whoJoinsIsWaitedFor() {
        take("""
                {"type":"snapshot","jobs":[%s,%s]}""".formatted(job("one", "failed"), job("two", "completed")));
        assertThat(batch.over()).isTrue();
        take("""
                {"type":"event","job":"three","event":"created","data":%s}""".formatted(job("three", "pending")));
        assertThat(batch.over()).isFalse();
        take("""
                {"type":"event","job":"three","event":"removed","data":{}}""");
        assertThat(batch.over()).isTrue();
    }

    @Test
    void whoIsInNoSnapshotIsNotWaitedFor() {
        take("""
                {"type":"snapshot","more":true,"jobs":[%s]}""".formatted(job("one", "running")));
        take("""
                {"type":"snapshot","jobs":[]}""");
        take("""
                {"type":"event","job":"one","event":"cancelled","data":{}}""");
        assertThat(batch.over()).isTrue();
    }

    private Optional<JsonNode> take(String frame) {
        return batch.take(Json.parse(frame));
    }

    private static JsonNode job(String id, String state) {
        var document = Json.object().put("id", id).put("state", state);
        return id.equals("foreign") ? document : document.put("batch", "b");
    }
}
