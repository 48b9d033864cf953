package dev.sluice.wire;

import dev.sluice.core.Ids;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a tus creation says about putting uploads together (`Upload-Concat`).
public sealed interface UploadConcat {
    String PARTIAL = "partial";
    String FINAL = "final;";

    /// The header's value as the client sent it.
    String said();

    /// The upload is a piece of one that is to come.
    record Partial(String said) implements UploadConcat {}

    /// The upload is made of these, in this order.
    ///
    /// @param urls absolute or relative, at least one
    record Final(String said, List<String> urls) implements UploadConcat {
        public Final {
            urls = List.copyOf(urls);
        }

        /// The uploads that the URLs name.
        ///
        /// @param base the path to which the header was sent, `/files` or `/files/`
        /// @throws ProblemException `invalid_request` where a URL is none of an upload here
        public List<JobId> parts(String base) {
            var parts = new ArrayList<JobId>(urls.size());
            for (String url : urls) {
                String path = path(base, url);
                String folder = base.endsWith("/") ? base : base + "/";
                if (path == null || !path.startsWith(folder) || !Ids.isIdentifier(path.substring(folder.length()))) {
                    throw invalid("names \"" + Texts.printable(url) + "\", which is no upload of this server");
                }
                parts.add(new JobId(path.substring(folder.length())));
            }
            return parts;
        }

        private static @Nullable String path(String base, String url) {
            try {
                return new URI(base).resolve(new URI(url)).getRawPath();
            } catch (URISyntaxException e) {
                return null;
            }
        }
    }

    /// @return null where the header is missing
    /// @throws ProblemException `invalid_request`
    static @Nullable UploadConcat parse(@Nullable String header) {
        if (header == null) {
            return null;
        }
        if (header.equals(PARTIAL)) {
            return new Partial(header);
        }
        if (!header.startsWith(FINAL) || !Texts.isPrintableAscii(header)) {
            throw invalid("is \"" + Texts.printable(header) + "\"");
        }
        List<String> urls = Arrays.stream(header.substring(FINAL.length()).split(" ", -1))
                .filter(url -> !url.isEmpty())
                .toList();
        if (urls.isEmpty()) {
            throw invalid("names no upload");
        }
        return new Final(header, urls);
    }

    private static ProblemException invalid(String state) {
        return Tus.invalid(Tus.UPLOAD_CONCAT, state, "partial, or final; and URLs with spaces between");
    }
}
