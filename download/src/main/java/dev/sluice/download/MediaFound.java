package dev.sluice.download;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.storage.SafeName;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What yt-dlp says of a page before it fetches what that shows.
///
/// @param count of the entries of the list that the page is, or null where it is none
@JsonIgnoreProperties(ignoreUnknown = true)
record MediaFound(
        @Nullable String id,
        @Nullable String title,
        @Nullable String thumbnail,
        @Nullable Double duration,
        @Nullable String resolution,
        @JsonProperty("format_note") @Nullable String note,
        @Nullable String ext,
        @JsonProperty("is_live") @Nullable Boolean live,
        @JsonProperty("playlist_count") @Nullable Integer count) {
    static final String MEMBERS = "id,title,thumbnail,duration,resolution,format_note,ext,is_live,playlist_count";

    private static final int LONGEST = 300;
    private static final Pattern PICTURE = Pattern.compile("(?i)https?://[!-~&&[^@/?#]]{1,300}(?:[/?#][!-~]{0,8000})?");

    Video info() {
        return new Video(cut(id == null ? "media" : id), name(), picture(), duration, quality());
    }

    /// What a page makes of it is not ours: it is told only where it is a URL that a browser fetches.
    private @Nullable String picture() {
        return thumbnail != null && PICTURE.matcher(thumbnail).matches() ? thumbnail : null;
    }

    private @Nullable String quality() {
        String said = resolution == null ? note : resolution;
        return said == null ? null : cut(said);
    }

    String name() {
        String said = title == null ? "" : cut(title);
        String other = id == null ? "" : cut(id);
        return !said.isEmpty() ? said : other.isEmpty() ? "media" : other;
    }

    private static String cut(String text) {
        return SafeName.cut(Complaint.harmless(text), LONGEST);
    }

    /// What it is stored under.
    ///
    /// @param asked for, or null
    /// @param extension of what was fetched
    String filename(@Nullable String asked, String extension) {
        String name = asked == null ? name() + "." + extension : asked;
        return SafeName.of(name.lastIndexOf('.') > 0 ? name : name + "." + extension);
    }

    /// Whether its site says that it has no end yet.
    boolean isLive() {
        return live != null && live;
    }
}
