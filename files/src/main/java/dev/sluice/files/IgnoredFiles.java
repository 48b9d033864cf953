package dev.sluice.files;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/// The files that a manifest's patterns leave out. The patterns are those of `.gitignore`, of which this knows names
/// and paths with `*`, `**` and `?`; what it does not understand leaves nothing out.
final class IgnoredFiles {
    private final List<PathMatcher> names = new ArrayList<>();
    private final List<PathMatcher> paths = new ArrayList<>();

    IgnoredFiles(List<String> patterns) {
        for (String pattern : patterns) {
            String bare = pattern.endsWith("/") ? pattern.substring(0, pattern.length() - 1) : pattern;
            boolean rooted = bare.contains("/");
            try {
                PathMatcher matcher = FileSystems.getDefault()
                        .getPathMatcher("glob:" + (bare.startsWith("/") ? bare.substring(1) : bare));
                (rooted ? paths : names).add(matcher);
            } catch (PatternSyntaxException e) {
                // Then more is told, not less.
            }
        }
    }

    /// Whether the file, or a folder above it, is left out.
    boolean matches(Path file) {
        for (int length = 1; length <= file.getNameCount(); length++) {
            Path above = file.subpath(0, length);
            if (names.stream().anyMatch(matcher -> matcher.matches(above.getFileName()))
                    || paths.stream().anyMatch(matcher -> matcher.matches(above))) {
                return true;
            }
        }
        return false;
    }
}
