package dev.sluice.download;

import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A process that fetches a page until it is killed.
final class MediaVictim {
    private MediaVictim() {}

    static Process start(MediaNode.Setup setup, String url, String name) throws IOException {
        return builder(setup, url, name).start();
    }

    /// One that ends with its job: `subtitles` says why that failed, `once…` ends well only where it has completed.
    static ProcessBuilder builder(MediaNode.Setup setup, String url, String name) {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MediaVictim.class.getName(),
                        setup.folder().toString(),
                        setup.ytDlp(),
                        setup.ffmpeg(),
                        url,
                        name)
                .redirectErrorStream(true)
                .redirectOutput(setup.folder().resolve("victim.log").toFile());
    }

    static JobId id(String name) {
        return new JobId("victim-" + name);
    }

    static void main(String[] words) {
        var setup = MediaNode.Setup.in(Path.of(words[0])).ytDlp(words[1]).ffmpeg(words[2]);
        var node = new MediaNode(setup);
        String url = words[3];
        String name = words[4];
        if (name.equals("subtitles")) {
            try (node) {
                Job job = node.submit(id(name), MediaNode.spec(url, null, null, true, false));
                System.out.println(node.becomes(job, JobState.FAILED).error());
                node.nothingIsLeft();
            }
            return;
        }
        if (name.startsWith("once")) {
            try (node) {
                Job job = node.submit(id(name), MediaNode.spec(url, null, null, false, false));
                node.onlyIsLeft(node.becomes(job, JobState.COMPLETED));
            }
            return;
        }
        boolean sound = name.equals("ffmpeg");
        var spec = MediaNode.spec(url, sound ? "audio" : null, sound ? "mp3" : null, false, false);
        node.submit(id(name), spec);
        while (true) {
            LockSupport.park(List.of(node));
        }
    }
}
