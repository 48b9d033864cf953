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

    /// A call of ffmpeg that puts one file into another.
    static final class Call {
        private static final String HOW_FAR = "out_time_us=";

        private final List<String> words;
        private double seconds;

        Call(Container container, Path ffmpeg, Path from, Path to) {
            var all = new ArrayList<>(
                    List.of(ffmpeg.toString(), "-nostdin", "-loglevel", "error", "-progress", "pipe:1", "-y"));
            all.addAll(List.of("-protocol_whitelist", "file"));
            all.addAll(List.of(YtDlp.MEDIA.split(" ")));
            all.addAll(List.of("-i", "file:" + from));
            all.addAll(container.words());
            all.add("file:" + to);
            words = List.copyOf(all);
        }

        List<String> words() {
            return words;
        }

        /// Takes a line that it says.
        ///
        /// @return true: it ends by itself
        boolean line(String said) {
            if (said.matches(HOW_FAR + "[0-9]{1,18}")) {
                seconds = Long.parseLong(said.substring(HOW_FAR.length())) / 1e6;
            }
            return true;
        }

        /// How much it has put there.
        double seconds() {
            return seconds;
        }
    }
}
