package dev.sluice.download;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Into what a recording is put, by ffmpeg.
///
/// @param extension that its file has
/// @param words which say how
record Container(String extension, List<String> words) {
    /// Where the sound is in another format by the name of its file.
    private static final Map<String, Container> OTHERS = Map.of(
            "m4a", new Container("m4a", List.of("-c:a", "copy", "-f", "mp4")),
            "alac", new Container("m4a", List.of("-c:a", "alac")),
            "vorbis", new Container("ogg", List.of("-c:a", "libvorbis")));

    static Container of(MediaChoice choice) {
        String format = choice.format();
        if (!choice.audio()) {
            return new Container(
                    format == null ? "mp4" : format, List.of("-map", "0:v?", "-map", "0:a?", "-c", "copy"));
        }
        String sound = format == null ? "m4a" : format;
        Container other = OTHERS.getOrDefault(sound, new Container(sound, List.of()));
        var words = new ArrayList<>(List.of("-map", "0:a"));
        words.addAll(other.words());
        return new Container(other.extension(), words);
    }

    /// How ffmpeg is called.
    List<String> call(Path ffmpeg, Path from, Path to) {
        var call = new ArrayList<>(List.of(ffmpeg.toString(), "-nostdin", "-loglevel", "error", "-y"));
        call.addAll(List.of("-protocol_whitelist", "file"));
        call.addAll(List.of(YtDlp.MEDIA.split(" ")));
        call.addAll(List.of("-i", "file:" + from));
        call.addAll(words);
        call.add("file:" + to);
        return call;
    }
}
