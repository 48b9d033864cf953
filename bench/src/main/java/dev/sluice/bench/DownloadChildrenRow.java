package dev.sluice.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// What a cancel takes until the programs that a download of a page has started are gone: while they fetch a stream,
/// while picture and sound become one file, and while sound is made of a film.
final class DownloadChildrenRow implements Row {
    private static final int PER_MILLI = 128;
    /// Bytes behind which those of pieces come.
    private static final int LISTS = 32 << 10;
    private static final int MOST_DELAY_MILLIS = 200;
    private static final int SECONDS = 1800;

    @Override
    public String name() {
        return "download-children";
    }

    @Override
    public String title() {
        return "Cancel, while programs work for a download";
    }

    /// A page, and an argument of the program that is at work when it is cancelled.
    ///
    /// @param flows whether bytes come to it just then
    private record Phase(String body, String word, boolean flows) {}

    /// @param lastByte milliseconds from a request to the last byte that a socket takes
    /// @param gone and to the end of all programs
    private record Cancels(List<Double> lastByte, List<Double> gone) {}

    @Override
    public Result measure(Workbench bench) {
        int practice = bench.of(20, 1);
        int rounds = bench.of(100, 2);
        Path site = bench.folder("site");
        try (var nginx = Nginx.files(site);
                var relay = Relay.steady(nginx.address(), PER_MILLI);
                var sluice = Download.serve(bench, List.of())) {
            make(bench, site.resolve("files"));
            String base = "http://127.0.0.1:" + nginx.address().getPort();
            String slow = "http://127.0.0.1:" + relay.port();
            var stream = cancels(
                    sluice,
                    relay,
                    new Phase("{\"url\":\"" + slow + "/talk.m3u8\"}", "--hls-prefer-native", true),
                    practice + rounds);
            var merge = cancels(
                    sluice,
                    relay,
                    new Phase("{\"url\":\"" + base + "/talk.mpd\",\"format\":\"mkv\"}", "copy", false),
                    rounds);
            var sound = cancels(
                    sluice,
                    relay,
                    new Phase(
                            "{\"url\":\"" + base + "/film.mp4\",\"quality\":\"audio\",\"format\":\"mp3\"}",
                            "libmp3lame",
                            false),
                    rounds);
            return new Result(
                    List.of(
                            Figure.events(
                                    "HLS: request → last byte that a socket takes, ms",
                                    1,
                                    new Target.AtMost(10, " ms"),
                                    doubles(stream.lastByte.subList(practice, practice + rounds))),
                            Figure.events(
                                    "HLS: the same of the first " + practice + " after the start, ms",
                                    1,
                                    Target.NONE,
                                    doubles(stream.lastByte.subList(0, practice))),
                            gone("HLS", stream),
                            gone("merging", merge),
                            gone("sound into another format", sound)),
                    List.of(rounds + " cancels of each by HTTP, within " + MOST_DELAY_MILLIS
                            + " ms after the program is there and has work, right after the server's start; of HLS "
                            + practice + " more, with which its code becomes warm. HLS: yt-dlp fetches "
                            + "pieces over four connections of a relay, which gives each " + PER_MILLI
                            + " bytes a millisecond and notes when the kernel last took some; bytes flow at the cancel. "
                            + "Merging: ffmpeg, which yt-dlp has started, makes one file of picture and sound of a DASH of "
                            + SECONDS / 60 + " minutes, with " + SECONDS * 750
                            + " packets. Sound: ffmpeg makes MP3 of as much FLAC. Gone: nobody on this machine has the "
                            + "server's mark in its environment any more."),
                    List.of(
                            DownloadRow.version(bench, "ffmpeg", "-version"),
                            "yt-dlp "
                                    + Child.run(bench.log("version"), List.of("yt-dlp", "--version"))
                                            .strip()));
        }
    }

    private static Figure gone(String what, Cancels cancels) {
        return Figure.events(
                what + ": request → the last child gone, ms", 1, new Target.AtMost(100, " ms"), doubles(cancels.gone));
    }

    private static double[] doubles(List<Double> values) {
        return values.stream().mapToDouble(one -> one).toArray();
    }

    private static Cancels cancels(SluiceProcess sluice, Relay relay, Phase phase, int rounds) {
        var random = new Random(rounds);
        var cancels = new Cancels(new ArrayList<>(), new ArrayList<>());
        for (int round = 0; cancels.gone.size() < rounds; round++) {
            if (round > 5 * rounds) {
                throw new BenchException("bytes seldom flow when a download is cancelled");
            }
            long before = relay.toClients();
            Download download = Download.ask(sluice, phase.body());
            while (marked(sluice).noneMatch(child -> words(child).contains(phase.word()))
                    || (phase.flows() && relay.toClients() - before < LISTS)) {
                download.requireNotEnded();
                Pause.millis(5);
            }
            Pause.millis(random.nextInt(MOST_DELAY_MILLIS));
            List<ProcessHandle> children = marked(sluice).toList();
            boolean seen = relay.isFlowing() || !phase.flows();
            long began = System.nanoTime();
            download.cancel();
            do {
                while (children.stream().anyMatch(child -> isMarked(child, sluice))) {
                    Pause.millis(1);
                }
                children = marked(sluice).toList();
            } while (!children.isEmpty());
            double gone = (System.nanoTime() - began) / 1e6;
            Pause.millis(50);
            if (seen) {
                cancels.gone.add(gone);
                cancels.lastByte.add(Math.max(0, relay.lastByteNanos() - began) / 1e6);
            }
        }
        return cancels;
    }

    /// Whoever works for the server, wherever it has gone.
    private static Stream<ProcessHandle> marked(SluiceProcess sluice) {
        return ProcessHandle.allProcesses().filter(process -> isMarked(process, sluice));
    }

    /// What has ended and was not asked for yet has no environment any more.
    private static boolean isMarked(ProcessHandle process, SluiceProcess sluice) {
        return about(process, "environ").contains("SLUICE_WORK=" + sluice.data());
    }

    private static List<String> words(ProcessHandle process) {
        return List.of(about(process, "cmdline").split("\0"));
    }

    private static String about(ProcessHandle process, String what) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/" + what), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // It has ended.
            return "";
        }
    }

    private static void make(Workbench bench, Path files) {
        String picture = "-f lavfi -i color=size=64x64:rate=1:duration=" + SECONDS
                + " -f lavfi -i sine=frequency=440:sample_rate=48000:duration=" + SECONDS
                + " -c:v libx264 -preset ultrafast -c:a flac -strict -2 ";
        ffmpeg(bench, picture + files.resolve("film.mp4"));
        ffmpeg(bench, picture + "-frame_size 64 -seg_duration 300 -f dash " + files.resolve("talk.mpd"));
        ffmpeg(
                bench,
                "-f lavfi -i testsrc2=size=640x360:rate=25:duration=12 -c:v libx264 -preset ultrafast -b:v 2M -g 25"
                        + " -hls_time 1 -hls_list_size 0 -hls_playlist_type vod " + files.resolve("talk.m3u8"));
    }

    private static void ffmpeg(Workbench bench, String words) {
        var command = new ArrayList<>(List.of("ffmpeg", "-v", "error", "-y"));
        command.addAll(List.of(words.split(" ")));
        Child.run(bench.log("ffmpeg"), command);
    }
}
