package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.download.Downloads;
import dev.sluice.files.Operations;
import dev.sluice.imports.Imports;
import dev.sluice.notify.Choices;
import dev.sluice.notify.Delivery;
import dev.sluice.notify.Device;
import dev.sluice.notify.Hook;
import dev.sluice.notify.Hooks;
import dev.sluice.notify.JobEnd;
import dev.sluice.notify.Notifications;
import dev.sluice.notify.Subscription;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.ChoicesDocument;
import dev.sluice.wire.DeliveryDocument;
import dev.sluice.wire.DeliveryListDocument;
import dev.sluice.wire.PushDocument;
import dev.sluice.wire.PushRequest;
import dev.sluice.wire.WebhookDocument;
import dev.sluice.wire.WebhookListDocument;
import dev.sluice.wire.WebhookRequest;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How users are told of the ends of their jobs: webhooks with their deliveries, browsers, and what they want to hear.
final class NotificationRoutes {
    private static final String HOOKS = "/api/v1/notifications/webhooks";
    private static final String PUSH = "/api/v1/notifications/push";
    private static final String CHOICES = "/api/v1/notifications/choices";
    private static final int PAGE = 50;

    /// In the order in which they are shown.
    private static final List<Kind> KINDS = List.of(Uploads.KIND, Downloads.KIND, Imports.KIND, Operations.KIND);

    private final Supplier<Notifications> notifications;

    NotificationRoutes(Supplier<Notifications> notifications) {
        this.notifications = notifications;
    }

    void add(RoutesConfig routes) {
        routes.get(HOOKS, this::listHooks);
        routes.post(HOOKS, this::addHook);
        routes.patch(HOOKS + "/{id}", this::changeHook);
        routes.delete(HOOKS + "/{id}", this::removeHook);
        routes.post(HOOKS + "/{id}/secret", this::renewSecret);
        routes.post(HOOKS + "/{id}/test", this::testHook);
        routes.get(HOOKS + "/{id}/deliveries", this::listDeliveries);
        routes.post(HOOKS + "/{id}/deliveries/{delivery}/replay", this::replay);
        routes.get(PUSH, this::push);
        routes.post(PUSH, this::subscribe);
        routes.delete(PUSH + "/{id}", this::unsubscribe);
        routes.post(PUSH + "/{id}/test", this::testPush);
        routes.get(CHOICES, this::choices);
        routes.patch(CHOICES, this::choose);
    }

    private Hooks hooks() {
        return notifications.get().hooks();
    }

    // Webhooks

    private void listHooks(Context request) {
        Owner owner = Access.meant(Routes.core(request), request.queryParam("owner"));
        Routes.json(
                request,
                new WebhookListDocument(hooks().list(owner).stream()
                        .map(hook -> document(hook, null))
                        .toList()));
    }

    private void addHook(Context request) {
        WebhookRequest asked = WebhookRequest.parse(request.bodyAsBytes(), true);
        Hooks.Made made = hooks().add(Routes.owner(request), wish(asked, null));
        if (!asked.enabled().orElse(true)) {
            hooks().change(made.hook().id(), wish(asked, null), false);
        }
        Hook hook = hooks().find(made.hook().id()).orElse(made.hook());
        request.status(201).header("Location", HOOKS + "/" + hook.id());
        Routes.json(request, document(hook, made.secret()));
    }

    private void changeHook(Context request) {
        Hook hook = existingHook(request);
        WebhookRequest asked = WebhookRequest.parse(request.bodyAsBytes(), false);
        boolean on = asked.enabled().orElse(hook.off() == null);
        Hook changed = hooks().change(hook.id(), wish(asked, hook), on).orElseThrow(() -> noHook(hook.id()));
        notifications.get().wake();
        Routes.json(request, document(changed, null));
    }

    private void removeHook(Context request) {
        hooks().remove(existingHook(request).id());
        request.status(204);
    }

    private void renewSecret(Context request) {
        Hook hook = existingHook(request);
        Hooks.Made made = hooks().renew(hook.id()).orElseThrow(() -> noHook(hook.id()));
        Routes.json(request, document(made.hook(), made.secret()));
    }

    private void testHook(Context request) {
        Delivery test = notifications.get().test(existingHook(request));
        request.status(202);
        Routes.json(request, document(test));
    }

    private void listDeliveries(Context request) {
        Hook hook = existingHook(request);
        List<Delivery> page = notifications.get().deliveries().list(hook.id(), request.queryParam("after"), PAGE + 1);
        List<Delivery> shown = page.subList(0, Math.min(PAGE, page.size()));
        Routes.json(
                request,
                new DeliveryListDocument(
                        shown.stream().map(NotificationRoutes::document).toList(),
                        page.size() > PAGE ? shown.getLast().id() : null));
    }

    private void replay(Context request) {
        Hook hook = existingHook(request);
        String id = request.pathParam("delivery");
        Delivery delivery = notifications
                .get()
                .deliveries()
                .find(id)
                .filter(found -> found.target().equals(hook.id()))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no delivery " + id));
        if (hook.off() != null) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, "the webhook is off (" + hook.off() + "): switch it on before");
        }
        Delivery again = notifications.get().again(delivery);
        request.status(202);
        Routes.json(request, document(again));
    }

    private Hook existingHook(Context request) {
        String id = request.pathParam("id");
        return hooks().find(id)
                .filter(hook -> Access.reaches(Routes.core(request), hook.owner()))
                .orElseThrow(() -> noHook(id));
    }

    private static ProblemException noHook(String id) {
        return new ProblemException(ErrorCode.NOT_FOUND, "there is no webhook " + id);
    }

    private static Hooks.Wish wish(WebhookRequest asked, @Nullable Hook now) {
        Optional<Set<Kind>> kinds = asked.kinds()
                .map(words -> words.stream().map(NotificationRoutes::kind).collect(Collectors.toSet()));
        Optional<Set<JobEnd>> ends = asked.outcomes().map(words -> ends("outcomes", words));
        return new Hooks.Wish(
                asked.url().orElseGet(() -> now == null ? "" : now.url()),
                kinds.orElseGet(() -> now == null ? Set.of() : now.kinds()),
                ends.orElseGet(() -> now == null ? Set.of(JobEnd.values()) : now.ends()));
    }

    private static Kind kind(String word) {
        return KINDS.stream()
                .filter(kind -> kind.value().equals(word))
                .findFirst()
                .orElseThrow(() -> invalid(
                        "kinds",
                        "\"" + word + "\" is no kind of job: "
                                + KINDS.stream().map(Kind::value).collect(Collectors.joining(", "))
                                + " are"));
    }

    private static Set<JobEnd> ends(String field, Collection<String> words) {
        try {
            return words.stream().map(JobEnd::of).collect(Collectors.toCollection(LinkedHashSet::new));
        } catch (IllegalArgumentException e) {
            throw invalid(field, String.valueOf(e.getMessage()));
        }
    }

    private static ProblemException invalid(String field, String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }

    private static WebhookDocument document(Hook hook, @Nullable String secret) {
        return new WebhookDocument(
                hook.id(),
                hook.owner().name(),
                hook.url(),
                hook.kinds().stream().map(Kind::value).sorted().toList(),
                words(hook.ends()),
                hook.off() == null,
                hook.off(),
                hook.created(),
                secret);
    }

    private static List<String> words(Set<JobEnd> ends) {
        return ends.stream().sorted().map(JobEnd::word).toList();
    }

    private static DeliveryDocument document(Delivery delivery) {
        return new DeliveryDocument(
                delivery.id(),
                delivery.type(),
                delivery.job(),
                delivery.state().word(),
                delivery.attempts(),
                delivery.created(),
                delivery.tried(),
                delivery.state() == Delivery.State.WAITING ? delivery.notBefore() : null,
                delivery.status(),
                delivery.answer(),
                delivery.body());
    }

    // Browsers

    private void push(Context request) {
        Notifications all = notifications.get();
        Routes.json(
                request,
                new PushDocument(
                        all.publicKey(),
                        all.devices().list(Routes.owner(request)).stream()
                                .map(NotificationRoutes::document)
                                .toList()));
    }

    private static PushDocument.Browser document(Device device) {
        return new PushDocument.Browser(device.id(), device.label(), device.created());
    }

    private void subscribe(Context request) {
        PushRequest asked = PushRequest.parse(request.bodyAsBytes());
        Device device = notifications
                .get()
                .devices()
                .add(
                        Routes.owner(request),
                        new Subscription(asked.endpoint(), asked.p256dh(), asked.auth()),
                        asked.label());
        request.status(201).header("Location", PUSH + "/" + device.id());
        Routes.json(request, document(device));
    }

    private void unsubscribe(Context request) {
        notifications.get().devices().remove(existingDevice(request).id());
        request.status(204);
    }

    private void testPush(Context request) {
        Delivery test = notifications.get().test(existingDevice(request));
        request.status(202);
        Routes.json(request, document(test));
    }

    private Device existingDevice(Context request) {
        String id = request.pathParam("id");
        return notifications
                .get()
                .devices()
                .find(id)
                .filter(device -> Access.reaches(Routes.core(request), device.owner()))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no browser " + id));
    }

    // Choices

    private void choices(Context request) {
        Map<Kind, Set<JobEnd>> chosen = notifications.get().choices().of(Routes.owner(request));
        var all = new LinkedHashMap<String, List<String>>();
        KINDS.forEach(kind -> all.put(kind.value(), words(chosen.getOrDefault(kind, Choices.USUAL))));
        Routes.json(request, new ChoicesDocument(all));
    }

    private void choose(Context request) {
        var chosen = new LinkedHashMap<Kind, Set<JobEnd>>();
        ChoicesDocument.parse(request.bodyAsBytes())
                .kinds()
                .forEach((kind, words) -> chosen.put(kind(kind), ends("kinds." + kind, words)));
        notifications.get().choices().choose(Routes.owner(request), chosen);
        choices(request);
    }
}
