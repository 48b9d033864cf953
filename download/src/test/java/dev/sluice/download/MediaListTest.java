package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class MediaListTest {
    @TempDir
    private static Path site;

    private static MediaPages pages;

    @TempDir
    private Path folder;

    @BeforeAll
    static void make() throws IOException {
        MediaPages.make(site);
        pages = new MediaPages(site);
        Files.writeString(
                site.resolve("feed.xml"),
                "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Talks</title>"
                        + item("One", pages.url("/talk.mp4"))
                        + item("Inside", "http://10.0.0.1/secret")
                        + item("Two", pages.url("/hls/talk.m3u8"))
                        + "</channel></rss>");
    }

    private static String item(String title, String link) {
        return "<item><title>" + title + "</title><link>" + link + "</link></item>";
    }

    @AfterAll
    static void close() {
        pages.close();
    }

    @Test
    void eachEntryOfAListBecomesAJobOfItsBatch() {
        try (var node = new MediaNode(MediaNode.Setup.in(folder))) {
            Job list = node.submitList(pages.url("/feed.xml"));
            node.becomes(list, JobState.COMPLETED);
            DownloadFacts facts = DownloadFacts.of(node.now(list));
            assertThat(facts.entries()).isEqualTo(2);
            assertThat(facts.videoInfo()).isNotNull().extracting(Video::title).isEqualTo("Talks");
            BatchId batch = Objects.requireNonNull(list.batch());
            List<Job> jobs = node.engine.jobs().jobsOf(batch);
            assertThat(jobs).hasSize(3);
            jobs.forEach(job -> node.becomes(job, JobState.COMPLETED));
            assertThat(node.engine.jobs().batch(batch)).get().matches(found -> found.sealed());
            assertThat(node.events(list)).contains("NOTE");
            node.onlyIsLeft(
                    jobs.stream().filter(job -> !job.id().equals(list.id())).toArray(Job[]::new));
        }
    }

    @Test
    void listAsOneFileIsItsFirstEntryAndSaysSo() {
        try (var node = new MediaNode(MediaNode.Setup.in(folder))) {
            Job job = node.becomes(node.submit(pages.url("/feed.xml")), JobState.COMPLETED);
            assertThat(DownloadFacts.of(job).filename()).isEqualTo("One.mp4");
            assertThat(node.events(job)).contains("NOTE");
        }
    }

    @Test
    void endlessListStopsWithItsBatchAndPausesWithItself() throws IOException {
        Path standIn = folder.resolve("endless");
        Files.writeString(standIn, """
                #!/bin/sh
                PATH=/usr/bin:/bin
                for word in "$@"; do
                    case $word in --print=*-entry*) word=${word#--print=}; begin=${word%% *};; esac
                done
                [ -z "$begin" ] && echo 'ERROR: private' >&2 && exit 1
                number=0
                while :; do
                    number=$((number + 1))
                    echo "$begin" '{"id": "1", "url": "http://127.0.0.1:1/'$number'"}'
                    sleep 0.02
                done
                """);
        Files.setPosixFilePermissions(standIn, PosixFilePermissions.fromString("rwx------"));
        try (var node = new MediaNode(MediaNode.Setup.in(folder).ytDlp(standIn.toString()))) {
            Job list = node.submitList(pages.url("/feed.xml"));
            BatchId batch = Objects.requireNonNull(list.batch());
            await().atMost(MediaNode.PATIENCE)
                    .until(() -> node.engine.jobs().jobsOf(batch).size() > 10);
            node.engine.pause(list.id());
            node.engine.awaitStopped(list.id());
            int before = node.engine.jobs().jobsOf(batch).size();
            node.engine.resume(list.id());
            await().atMost(MediaNode.PATIENCE)
                    .until(() -> node.engine.jobs().jobsOf(batch).size() > before + 5);
            node.engine.cancelBatch(batch, Engine.Asked.now(CancelSource.BATCH_CANCEL));
            assertThat(urls(node, batch)).doesNotHaveDuplicates();
            node.nothingIsLeft();
            assertThat(node.now(list).state()).isEqualTo(JobState.CANCELLED);
            assertThat(node.engine.jobs().jobsOf(batch))
                    .allMatch(job -> job.state().ended());
        }
    }

    /// Says the entries that stand in `entries`, one URL a line; then, as long as there is a file `open`, does not
    /// come to an end, and fails unless there is a file `well`. Of an entry by itself it never comes to an end.
    private Path listing(String... urls) throws IOException {
        Path standIn = folder.resolve("listing");
        Files.writeString(standIn, """
                #!/bin/sh
                PATH=/usr/bin:/bin
                for word in "$@"; do
                    case $word in --print=*-entry*) word=${word#--print=}; begin=${word%% *};; esac
                done
                [ -z "$begin" ] && exec sleep 100
                here=${0%/*}
                while read -r url; do echo "$begin" '{"id": "1", "url": "'$url'"}'; done <"$here/entries"
                while [ -e "$here/open" ]; do sleep 0.1; done
                [ -e "$here/well" ] || { echo 'ERROR: HTTP Error 404' >&2; exit 1; }
                """);
        Files.setPosixFilePermissions(standIn, PosixFilePermissions.fromString("rwx------"));
        says(urls);
        return standIn;
    }

    private void says(String... urls) throws IOException {
        Files.writeString(folder.resolve("entries"), String.join("\n", urls) + "\n");
    }

    @Test
    void aListThatIsTriedAgainMakesWhatIsMissingWhateverBecameOfTheOthers() throws IOException {
        String one = pages.url("/one");
        String two = pages.url("/two");
        String late = pages.url("/late");
        Path standIn = listing(one, two);
        try (var node = new MediaNode(MediaNode.Setup.in(folder).ytDlp(standIn.toString()))) {
            Job list = node.submitList(pages.url("/feed.xml"));
            node.becomes(list, JobState.FAILED);
            BatchId batch = Objects.requireNonNull(list.batch());
            node.cancel(node.engine.jobs().jobsOf(batch).stream()
                    .filter(job -> Downloads.spec(job).url().equals(one))
                    .findFirst()
                    .orElseThrow());
            // As the sweep does with a batch in which nothing moves.
            node.engine.jobs().seal(batch);

            says(late, one, two);
            Files.createFile(folder.resolve("well"));
            node.downloads.retry(list.id());
            node.becomes(list, JobState.COMPLETED);
            assertThat(urls(node, batch)).containsExactlyInAnyOrder(pages.url("/feed.xml"), one, two, late);
            assertThat(DownloadFacts.of(node.now(list)).entries()).isEqualTo(3);
            assertThat(node.engine.jobs().batch(batch)).get().matches(found -> found.sealed());
        }
    }

    @Test
    void anEntryThatVanishesInAPauseHidesNoneBehindIt() throws IOException {
        String one = pages.url("/one");
        String two = pages.url("/two");
        String three = pages.url("/three");
        Path standIn = listing(one, two);
        Path open = Files.createFile(folder.resolve("open"));
        try (var node = new MediaNode(MediaNode.Setup.in(folder).ytDlp(standIn.toString()))) {
            Job list = node.submitList(pages.url("/feed.xml"));
            BatchId batch = Objects.requireNonNull(list.batch());
            await().atMost(MediaNode.PATIENCE)
                    .until(() -> node.engine.jobs().jobsOf(batch).size() == 3);
            node.engine.pause(list.id());
            node.engine.awaitStopped(list.id());

            says(two, three);
            Files.delete(open);
            Files.createFile(folder.resolve("well"));
            node.engine.resume(list.id());
            node.becomes(list, JobState.COMPLETED);
            assertThat(urls(node, batch)).containsExactlyInAnyOrder(pages.url("/feed.xml"), one, two, three);
            assertThat(DownloadFacts.of(node.now(list)).entries()).isEqualTo(3);
        }
    }

    private static List<String> urls(MediaNode node, BatchId batch) {
        return node.engine.jobs().jobsOf(batch).stream()
                .map(job -> Downloads.spec(job).url())
                .toList();
    }
}
