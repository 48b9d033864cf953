package dev.sluice.server;

import dev.sluice.accounts.Links;
import dev.sluice.app.Sluice;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.ProblemException;
import dev.sluice.wire.LinkDocument;
import dev.sluice.wire.LinkListDocument;
import dev.sluice.wire.LinkRequest;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Request;

/// Links to stored files for those who cannot log in: made, listed, revoked.
final class LinkRoutes {
    private static final int MOST = 1000;

    private final Supplier<Links> links;
    private final Sluice sluice;
    private final Kinds kinds;
    private final DownloadLinks addresses;

    LinkRoutes(Sluice sluice, Kinds kinds, DownloadLinks addresses) {
        this.links = () -> sluice.accounts().links();
        this.sluice = sluice;
        this.kinds = kinds;
        this.addresses = addresses;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/links", this::list);
        routes.post("/api/v1/links", this::make);
        routes.delete("/api/v1/links/{id}", this::revoke);
        routes.delete("/api/v1/jobs/{id}/links", this::revokeAll);
    }

    private void list(Context request) {
        Request core = Routes.core(request);
        Routes.json(
                request,
                new LinkListDocument(links.get().list(Access.listed(core, null), MOST).stream()
                        .map(link -> document(core, link))
                        .toList()));
    }

    private void make(Context request) {
        Request core = Routes.core(request);
        LinkRequest asked = LinkRequest.parse(request.bodyAsBytes());
        Job job = kinds.withContent(core, asked.job());
        StoredFile.of(job, sluice.storages()).requireReadable();
        Links.Link link = links.get().make(job.id(), job.created(), Routes.owner(request), asked.expiresIn());
        request.status(201).header("Location", "/api/v1/links/" + link.id());
        Routes.json(request, document(core, link));
    }

    private LinkDocument document(Request core, Links.Link link) {
        Optional<Job> job = sluice.jobs()
                .find(link.job())
                .filter(found -> found.ended() != null && found.created().equals(link.jobCreated()));
        return new LinkDocument(
                link.id(),
                link.job().value(),
                link.owner().name(),
                link.created(),
                link.expires(),
                job.map(found -> addresses.of(found, addresses.base(core), link.expires(), link.id()))
                        .orElse(null));
    }

    private void revoke(Context request) {
        String id = request.pathParam("id");
        Optional<Links.Link> link =
                links.get().find(id).filter(found -> Access.reaches(Routes.core(request), found.owner()));
        if (link.isEmpty() || !links.get().revoke(id)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no link " + id);
        }
        request.status(204);
    }

    /// The one that the job's status shows among them.
    private void revokeAll(Context request) {
        Job job = kinds.withContent(Routes.core(request), request.pathParam("id"));
        links.get().revokeAll(job.id(), job.created(), job.owner());
        request.status(204);
    }
}
