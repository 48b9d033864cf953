package dev.sluice.download;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How yt-dlp is called: by words that nobody but us chooses; the URL lies in a file that only this user may read.
///
/// Its lines begin with words that a page cannot guess, so that nothing that a page says is taken for one.
///
/// @param word what each line begins with
/// @param folder where it works, and all that it finds of a home
/// @param proxy the only way out
record YtDlp(DownloadSettings settings, String word, Path folder, String proxy) {
    /// Where bytes come by HTTP, as the proxy knows it. Other protocols would go around it.
    private static final String BY_HTTP = "[protocol~='^(https?|m3u8(_native)?|http_dash_segments)$']";

    /// What ffmpeg may take a fetched file for. It goes by the content and not by the name: what looks like a list of
    /// pieces could name any file of this machine as one.
    static final String MEDIA = "-format_whitelist mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,"
            + "m4v,h264,hevc,ivf,flv,avi,asf,ogg,wav,w64,mp3,aac,ac3,eac3,dts,truehd,flac,amr,aiff,caf,srt,webvtt,ass";

    /// What ffmpeg may fetch where it is given a list by its URL, as yt-dlp does with pieces that it cannot decrypt: by
    /// itself it would take a description of a session, too, and open its ports.
    private static final String LISTS =
            // Where a piece breaks off it goes on with the next and ends well: only its warnings tell
            // (Complaint.isOfAHole).
            "-loglevel warning -protocol_whitelist http,https,tls,tcp,httpproxy,crypto,data " + MEDIA + ",hls";

    /// What of yt-dlp calls ffmpeg: each is told by itself, as there is no word for all.
    private static final List<String> STEPS = List.of(
            "ExtractAudio",
            "Merger",
            "VideoRemuxer",
            "VideoConvertor",
            "EmbedSubtitle",
            "SubtitlesConvertor",
            "FixupM3u8",
            "FixupM4a",
            "FixupStretched",
            "FixupTimestamp",
            "FixupDuration",
            "FixupDuplicateMoov",
            "Metadata");

    /// What it may start: its interpreter and what it needs for media. Whatever else it knows, as `rtmpdump` and
    /// `mplayer` for the subtitles of a page, would fetch by itself and go around the proxy.
    private static final List<String> STARTED = List.of("python3", "ffmpeg", "ffprobe", "deno");

    /// What OpenSSL reads to know whom it trusts. yt-dlp's own list is left for it, which has no authority of a house.
    private static final List<String> TRUSTED = List.of("SSL_CERT_FILE", "SSL_CERT_DIR");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> ALWAYS = List.of(
            "--ignore-config",
            "--no-cache-dir",
            "--no-exec",
            "--no-colors",
            "--newline",
            "--no-mtime",
            "--socket-timeout=20",
            "--retries=3",
            "--fragment-retries=3");

    String formsWord() {
        return word + "-forms";
    }

    String foundWord() {
        return word + "-found";
    }

    String movedWord() {
        return word + "-moved";
    }

    String fileWord() {
        return word + "-file";
    }

    String entryWord() {
        return word + "-entry";
    }

    String exitWord() {
        return word + "-exit";
    }

    /// One file: what it is, how far it is, where it lies.
    List<String> fetch(MediaChoice choice, boolean subtitles) {
        List<String> words = words();
        words.addAll(List.of(
                "--no-playlist",
                "--playlist-items=1",
                "--quiet",
                "--progress",
                "--no-simulate",
                "--hls-prefer-native",
                // What it has put together of them cannot be trusted after a kill (Workplace.takeApart).
                "--keep-fragments",
                // A stream with holes would be half a file.
                "--abort-on-unavailable-fragment",
                // By itself it would leave as it is what it had fetched before it was stopped.
                "--fixup=force",
                "--concurrent-fragments=" + Math.max(1, settings.connections()),
                "--max-filesize=" + settings.maxSize(),
                // What another form has begun is not gone on with.
                "--output=media.%(format_id).60B.%(ext)s",
                "--print=video:" + formsWord() + " %(requested_formats.:.{" + MediaForm.MEMBERS + "})j",
                "--print=video:" + foundWord() + " %(.{" + MediaFound.MEMBERS + "," + MediaForm.MEMBERS + "})j",
                "--print=after_move:" + fileWord() + " %(filepath)j",
                "--progress-template=download:" + movedWord() + " " + MediaProgress.TEMPLATE));
        words.addAll(forms(choice, subtitles));
        return words;
    }

    /// What a list has, entry by entry as they are found.
    List<String> list() {
        List<String> words = words();
        words.addAll(List.of(
                "--yes-playlist",
                "--flat-playlist",
                "--lazy-playlist",
                "--print=" + entryWord() + " %(.{" + Expansion.Entry.MEMBERS + "})j"));
        return words;
    }

    private List<String> words() {
        var words = new ArrayList<String>();
        words.add(program(settings.ytDlp()).map(Path::toString).orElse(settings.ytDlp()));
        words.addAll(ALWAYS);
        STEPS.forEach(step -> words.add("--postprocessor-args=" + step + "+ffmpeg_i:" + MEDIA));
        words.add("--downloader-args=ffmpeg_i:" + LISTS);
        if (!trusted().isEmpty()) {
            words.add("--compat-options=no-certifi");
        }
        if (settings.ffmpeg().contains("/")) {
            words.add("--ffmpeg-location=" + settings.ffmpeg());
        }
        // Whoever may look at processes sees their words.
        words.add("--batch-file=" + folder.resolve(Workplace.PAGE));
        Path cookies = folder.resolve(Workplace.COOKIES);
        if (Files.exists(cookies)) {
            words.add("--cookies=" + cookies);
        }
        return words;
    }

    private static List<String> forms(MediaChoice choice, boolean subtitles) {
        var words = new ArrayList<String>();
        String format = choice.format();
        if (choice.audio()) {
            words.add("--format=" + (choice.worst() ? either("wa", "w") : either("ba", "b")));
            words.add("--extract-audio");
            if (format != null) {
                words.add("--audio-format=" + format);
            }
            return words;
        }
        words.add(
                "--format=" + (choice.worst() ? both("wv*", "wa") + "/" + by("w") : both("bv*", "ba") + "/" + by("b")));
        var order = new ArrayList<String>();
        if (choice.height() != null) {
            order.add("res:" + choice.height());
        }
        if (format != null) {
            order.add(format.equals("mp4") ? "ext:mp4:m4a" : "ext:" + format);
            words.add("--merge-output-format=" + format);
            words.add("--remux-video=" + format);
        }
        if (!order.isEmpty()) {
            words.add("--format-sort=" + String.join(",", order));
        }
        if (subtitles) {
            words.addAll(List.of("--write-subs", "--sub-langs=all,-live_chat", "--embed-subs"));
        }
        return words;
    }

    private static String by(String form) {
        return form + BY_HTTP;
    }

    private static String either(String one, String other) {
        return by(one) + "/" + by(other);
    }

    private static String both(String one, String other) {
        return by(one) + "+" + by(other);
    }

    private static Map<String, String> trusted() {
        var trusted = new HashMap<>(System.getenv());
        trusted.keySet().retainAll(TRUSTED);
        return trusted;
    }

    /// All that it knows of the world.
    Map<String, String> environment() {
        var environment = new HashMap<>(Map.of(
                "PATH",
                folder.resolve(Workplace.PROGRAMS).toString(),
                "HOME",
                folder.toString(),
                "TMPDIR",
                folder.toString(),
                "LANG",
                "C.UTF-8",
                "PYTHONNOUSERSITE",
                "1",
                "PYTHONDONTWRITEBYTECODE",
                "1",
                "YTDLP_NO_PLUGINS",
                "1",
                Marked.VARIABLE,
                folder.toString()));
        environment.putAll(trusted());
        // Each scheme that Python's urllib may be led to, so that none goes around.
        for (String scheme : List.of("http", "https", "ftp", "all")) {
            environment.put(scheme + "_proxy", proxy);
        }
        return environment;
    }

    /// What one of its lines says in JSON.
    static <T> T parsed(String json, Class<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JacksonException e) {
            throw new ProblemException(ErrorCode.UPSTREAM_REFUSED, "yt-dlp says what is not understood", e);
        }
    }

    /// @throws ProblemException `configuration` where there is none
    static void require(DownloadSettings settings) {
        if (!isThere(settings.ytDlp())) {
            throw new ProblemException(
                    ErrorCode.CONFIGURATION,
                    settings.ytDlp().contains("/")
                            ? "there is no yt-dlp at " + settings.ytDlp() + ": set download.yt-dlp"
                            : "yt-dlp is not installed, which pages need: apt install yt-dlp ffmpeg, or set"
                                    + " download.yt-dlp");
        }
    }

    private static boolean isThere(String command) {
        return program(command).isPresent();
    }

    /// What it may start of what this machine has.
    static List<Path> programs() {
        return STARTED.stream().flatMap(command -> program(command).stream()).toList();
    }

    /// Where a command is found; a script only where there is nothing else, since such would look for more.
    static Optional<Path> program(String command) {
        if (command.contains("/")) {
            return Optional.of(Path.of(command).toAbsolutePath()).filter(Files::isExecutable);
        }
        @Nullable String path = System.getenv("PATH");
        List<Path> found = Arrays.stream((path == null ? "/usr/local/bin:/usr/bin:/bin" : path).split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, command).toAbsolutePath())
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .toList();
        return found.stream()
                .filter(file -> !isScript(file))
                .findFirst()
                .or(() -> found.stream().findFirst());
    }

    private static boolean isScript(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == '#' && in.read() == '!';
        } catch (IOException e) {
            return true;
        }
    }
}
