package dev.sluice.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What a cancel takes until the programs that a download of a page has started are gone: while they fetch a stream,
/// and
/// while sound is made of it.
final class DownloadChildrenRow implements Row {
    private static final int RATE = 100_000;
    private static final int MOST_DELAY_MILLIS = 200;

    @Override
    public String name() {
        return "download-children";
    }

    @Override
    public String title() {
        return "Cancel, while programs work for a download";
    }

    /// A page, and the program that is at work when it is cancelled.
    private record Phase(String name, String body, String program) {}

    @Override
    public Result measure(Workbench bench) {
        int rounds = bench.of(30, 2);
        Path site = bench.folder("site");
        try (var nginx = Nginx.files(site);
                var sluice = Download.serve(bench, List.of())) {
            Path files = site.resolve("files");
            make(bench, files);
            String base = "http://127.0.0.1:" + nginx.address().getPort();
            var phases = List.of(
                    new Phase("HLS", "{\"url\":\"" + base + "/slow/" + RATE + "/talk.m3u8\"}", "yt-dlp"),
                    new Phase(
                            "sound into another format",
                            "{\"url\":\"" + base + "/film.mp4\",\"quality\":\"audio\",\"format\":\"mp3\"}",
                            "ffmpeg"));
            var figures = new ArrayList<Figure>();
            for (Phase phase : phases) {
                figures.add(Figure.events(
                        phase.name() + ": request → the last child gone, ms",
                        1,
                        new Target.AtMost(100, " ms"),
                        cancels(sluice, phase, rounds)));
            }
            return new Result(
                    figures,
                    List.of(rounds + " cancels of each by HTTP, within " + MOST_DELAY_MILLIS
                            + " ms after the program is there. HLS: yt-dlp fetches a stream of " + RATE / 1_000
                            + " kB/s; sound: ffmpeg, which yt-dlp has started, makes MP3 of half an hour of FLAC."),
                    List.of(
                            DownloadRow.version(bench, "ffmpeg", "-version"),
                            "yt-dlp "
                                    + Child.run(bench.log("version"), List.of("yt-dlp", "--version"))
                                            .strip()));
        }
    }

    private static double[] cancels(SluiceProcess sluice, Phase phase, int rounds) {
        var random = new Random(rounds);
        double[] gone = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            Download download = Download.ask(sluice, phase.body());
            ProcessHandle server = ProcessHandle.of(sluice.pid()).orElseThrow();
            while (server.descendants().noneMatch(child -> isNamed(child, phase.program()))) {
                download.requireNotEnded();
                Pause.millis(5);
            }
            Pause.millis(random.nextInt(MOST_DELAY_MILLIS));
            List<ProcessHandle> children = server.descendants().toList();
            long began = System.nanoTime();
            download.cancel();
            while (children.stream().anyMatch(ProcessHandle::isAlive)) {
                Pause.millis(1);
            }
            gone[round] = (System.nanoTime() - began) / 1e6;
        }
        return gone;
    }

    private static boolean isNamed(ProcessHandle child, String program) {
        return child.info().commandLine().filter(line -> line.contains(program)).isPresent();
    }

    private static void make(Workbench bench, Path files) {
        ffmpeg(
                bench,
                "-f lavfi -i color=size=64x64:rate=1:duration=1800 -f lavfi -i sine=frequency=440:duration=1800"
                        + " -c:v libx264 -preset ultrafast -c:a flac -strict -2 " + files.resolve("film.mp4"));
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
