package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import org.junit.jupiter.api.Test;

final class ComplaintTest {
    @Test
    void wordsHaveTheirMeaning() {
        means("[youtube] abc: Private video. Sign in if you've been granted access", ErrorCode.UPSTREAM_REFUSED);
        means(
                "[youtube] a: Video unavailable. This video has been removed by the uploader",
                ErrorCode.UPSTREAM_REFUSED);
        means("[x] 1: The uploader has not made this video available in your country", ErrorCode.UPSTREAM_REFUSED);
        means("[youtube] abc: HTTP Error 429: Too Many Requests", ErrorCode.UPSTREAM_THROTTLED);
        means("[generic] None: Unable to download webpage: HTTP Error 503: x", ErrorCode.UPSTREAM_UNAVAILABLE);
        means(
                "[generic] None: Unable to download webpage: The read operation timed out",
                ErrorCode.UPSTREAM_UNAVAILABLE);
        means(
                "[generic] None: Unable to download webpage: HTTP Error 404: File not found",
                ErrorCode.UPSTREAM_NOT_FOUND);
        means("Unsupported URL: http://example.com/page", ErrorCode.UPSTREAM_NOT_FOUND);
        means("[generic] a: Requested format is not available", ErrorCode.UPSTREAM_NOT_FOUND);
        means("unable to write data: [Errno 27] File too large", ErrorCode.TOO_LARGE);
        means("unable to write data: [Errno 28] No space left on device", ErrorCode.DISK_FULL);
        means(
                "[download] Got error: <urlopen error file:// URLs are explicitly disabled in yt-dlp for security reasons."
                        + " Use --enable-file-urls to enable at your own risk.>. Giving up after 3 retries",
                ErrorCode.TARGET_REFUSED);
        means("unable to download video data: <urlopen error unknown url type: gopher>", ErrorCode.TARGET_REFUSED);
        means("[x] 1: Unsupported url scheme: \"file\" (requests)", ErrorCode.TARGET_REFUSED);
        means(
                "[generic] None: Unable to download webpage: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate"
                        + " verify failed: self-signed certificate (_ssl.c:992)>",
                ErrorCode.UPSTREAM_REFUSED);
        means(
                "[generic] None: Unable to download webpage: <urlopen error [SSL: UNEXPECTED_EOF] EOF occurred>",
                ErrorCode.UPSTREAM_UNAVAILABLE);
        means("Postprocessing: ffprobe and ffmpeg not found. Please install", ErrorCode.CONFIGURATION);
        means("Postprocessing: Stream #0:1 -> #0:1 (copy)", ErrorCode.UPSTREAM_REFUSED);
        means("[x] 1: Something that nobody has seen yet", ErrorCode.UPSTREAM_REFUSED);
    }

    private static void means(String words, ErrorCode code) {
        assertThat(Complaint.of("noise\nERROR: " + words + "\nERROR: later").code())
                .as(words)
                .isEqualTo(code);
    }

    @Test
    void messageHasNoColorsNoAdviceAndNoSecrets() {
        String said =
                "\u001b[0;31mERROR:\u001b[0m [site] x1: Unable to open https://u:pw@h.example/v?token=abc&a=1; please"
                        + " report this issue on  https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the template";
        assertThat(Complaint.of(said).problem().message())
                .isEqualTo("yt-dlp: Unable to open https://h.example/v?token=...&a=...");
    }

    @Test
    void noCharacterIsLeftThatIsNotSeenOrTurnsTextAround() {
        assertThat(Complaint.harmless("a\u202etxt.exe\u2066b\u2069\u200f\u061c\u0000c\r\nd \u200be\ufeff"))
                .isEqualTo("atxt.exeb c d e");
        assertThat(Complaint.harmless("👩\u200d👩\u200d👧 می\u200cخواهم"))
                .isEqualTo("👩\u200d👩\u200d👧 می\u200cخواهم");
        assertThat(Complaint.harmless("https://h.example/v?to\u200bken=abc"))
                .isEqualTo("https://h.example/v?token=...");
    }

    @Test
    void silenceIsTold() {
        assertThat(Complaint.of("").problem().message()).isEqualTo("yt-dlp failed and did not say why");
    }

    @Test
    void aPieceThatBreaksOffIsAHoleAndOneOfUnknownLengthIsNot() {
        assertThat(Complaint.isOfAHole("[http @ 0x1] Stream ends prematurely at 4512, should be 9024"))
                .isTrue();
        assertThat(Complaint.isOfAHole("[http @ 0x1] Stream ends prematurely at 4512, should be 18446744073709551615"))
                .isFalse();
        assertThat(Complaint.isOfAHole("[hls @ 0x1] Failed to open segment 5 of playlist 0"))
                .isTrue();
    }
}
