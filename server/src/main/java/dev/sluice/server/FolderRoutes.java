package dev.sluice.server;

import dev.sluice.app.Roots;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.files.FolderListing;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The folders that file operations over HTTP may touch, and what is in them.
final class FolderRoutes {
    private final Roots roots;
    private final DiskCalls disk;

    FolderRoutes(Roots roots, DiskCalls disk) {
        this.roots = roots;
        this.disk = disk;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/roots", request -> Routes.json(request, Map.of("roots", roots.words())));
        routes.get("/api/v1/folders", this::list);
    }

    private void list(Context request) {
        String word = request.queryParam("path");
        if (word == null || word.isEmpty()) {
            throw new ProblemException(invalid("path has to name a folder"), null);
        }
        Path folder = path(word);
        if (!roots.cover(folder)) {
            throw new ProblemException(
                    ErrorCode.FORBIDDEN,
                    word + " is in none of the folders that are open to requests over HTTP (files.roots)");
        }
        List<Path> within = roots.folders();
        var stop = new StopToken();
        Routes.json(request, disk.call(stop, () -> FolderListing.of(folder, within, stop)));
    }

    private static Path path(String word) {
        try {
            Path path = Path.of(word);
            if (path.isAbsolute()) {
                return path.normalize();
            }
        } catch (InvalidPathException e) {
            throw new ProblemException(invalid("\"" + word + "\" is no path: " + e.getReason()), e);
        }
        throw new ProblemException(invalid("the path " + word + " is not absolute"), null);
    }

    private static Problem invalid(String message) {
        return new Problem(ErrorCode.INVALID_REQUEST, message, Map.of("field", "path"));
    }
}
