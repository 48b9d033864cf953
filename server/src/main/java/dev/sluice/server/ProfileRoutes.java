package dev.sluice.server;

import dev.sluice.imports.Imports;
import dev.sluice.imports.Profile;
import dev.sluice.wire.ProfileDocument;
import dev.sluice.wire.ProfileListDocument;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/// How files of one sort are to be read: said, shown, forgotten.
final class ProfileRoutes {
    private static final String PATH = "/api/v1/profiles";

    private final Imports imports;

    ProfileRoutes(Imports imports) {
        this.imports = imports;
    }

    void add(RoutesConfig routes) {
        routes.get(
                PATH, request -> Routes.json(request, ProfileListDocument.of(imports.profiles(Routes.owner(request)))));
        routes.put(PATH + "/{name}", this::keep);
        routes.delete(PATH + "/{name}", this::drop);
    }

    private void keep(Context request) {
        Profile profile = ProfileDocument.parse(request.pathParam("name"), request.bodyAsBytes());
        imports.keep(Routes.owner(request), profile);
        Routes.json(request, ProfileDocument.of(profile));
    }

    private void drop(Context request) {
        imports.drop(Routes.owner(request), request.pathParam("name"));
        request.status(204);
    }
}
