package dev.sluice.download;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One of the forms that yt-dlp has chosen of what a page shows: its picture, its sound or both.
///
/// @param id its name among the forms of the page
/// @param protocol how it comes: `https`, `m3u8_native`, `http_dash_segments`
/// @param url of the file, or of the list of its pieces (HLS)
/// @param manifest the URL of the description of its pieces (DASH), or of the list of lists
/// @param sent what its server wants to be asked with
@JsonIgnoreProperties(ignoreUnknown = true)
record MediaForm(
        @JsonProperty("format_id") @Nullable String id,
        @Nullable String protocol,
        @Nullable String url,
        @JsonProperty("manifest_url") @Nullable String manifest,
        @JsonProperty("filesize") @Nullable Long exact,
        @JsonProperty("filesize_approx") @Nullable Double approximate,
        @JsonProperty("http_headers") @Nullable Map<String, String> sent) {
    static final String MEMBERS = "format_id,protocol,url,manifest_url,filesize,filesize_approx,http_headers";

    /// 0: nobody knows.
    long size() {
        return exact != null && exact > 0 ? exact : approximate == null ? 0 : Math.max(0, (long) (double) approximate);
    }

    /// Where it is said which pieces it has: that may not have come to its end. Nothing where it is one file.
    Optional<String> list() {
        return switch (String.valueOf(protocol)) {
            case "m3u8", "m3u8_native" -> Optional.ofNullable(url);
            case "http_dash_segments" -> Optional.ofNullable(manifest);
            default -> Optional.empty();
        };
    }

    boolean isHls() {
        return String.valueOf(protocol).startsWith("m3u8");
    }

    /// Of what its server wants to be asked with only what says from where somebody comes.
    Map<String, String> headers() {
        return sent == null
                ? Map.of()
                : sent.entrySet().stream()
                        .filter(header -> Origin.ASKED.contains(header.getKey()))
                        .filter(header -> String.valueOf(header.getValue()).matches("[ -~]{1,2000}"))
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
