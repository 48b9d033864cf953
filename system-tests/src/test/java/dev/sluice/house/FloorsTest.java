package dev.sluice.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Who may know whom: down the floors only. A new module finds its floor here first.
class FloorsTest {
    private static final String HOUSE = "dev.sluice.";

    /// From the ground up; modules of one floor do not know each other.
    private static final List<Set<String>> FLOORS = List.of(
            Set.of("core"),
            Set.of("db", "storage", "secrets", "http"),
            Set.of("cloud", "state"),
            Set.of("accounts", "notify", "realtime", "azure", "google", "s3", "csv", "scan", "categories"),
            Set.of("upload", "download", "files", "imports"),
            Set.of("app", "wire"),
            Set.of("server"),
            Set.of("cli"));

    /// Floors that a module does without although they lie below it.
    private static final Map<String, Set<String>> AVOIDED = Map.ofEntries(
            Map.entry("state", Set.of("storage", "secrets", "http")),
            Map.entry("cloud", Set.of("db")),
            Map.entry("azure", Set.of("db", "http", "state")),
            Map.entry("s3", Set.of("db", "http", "state")),
            Map.entry("google", Set.of("http", "state")),
            Map.entry("accounts", Set.of("cloud", "state", "storage", "secrets", "http")),
            Map.entry("notify", Set.of("cloud", "state", "storage")),
            Map.entry("realtime", Set.of("cloud", "db", "state", "storage", "secrets", "http")),
            Map.entry(
                    "upload",
                    Set.of(
                            "accounts",
                            "notify",
                            "cloud",
                            "db",
                            "state",
                            "realtime",
                            "secrets",
                            "http",
                            "azure",
                            "google",
                            "s3")),
            Map.entry(
                    "download",
                    Set.of("accounts", "notify", "cloud", "db", "state", "realtime", "http", "azure", "google", "s3")),
            Map.entry("csv", Set.of("db", "storage", "secrets", "http", "cloud", "state")),
            Map.entry("scan", Set.of("db", "storage", "secrets", "http", "cloud", "state")),
            Map.entry("categories", Set.of("db", "storage", "secrets", "http", "cloud", "state")),
            Map.entry(
                    "imports",
                    Set.of(
                            "accounts",
                            "notify",
                            "cloud",
                            "state",
                            "realtime",
                            "secrets",
                            "http",
                            "azure",
                            "google",
                            "s3")),
            Map.entry("wire", Set.of("accounts", "notify", "secrets", "http", "cloud", "azure", "google", "s3")),
            Map.entry("app", Set.of("http")),
            Map.entry("server", Set.of("secrets", "http", "cloud", "azure", "google", "s3")),
            Map.entry("cli", Set.of("secrets", "http", "cloud", "azure", "google", "s3")));

    /// The kinds of job: none knows another.
    private static final Set<String> KINDS = Set.of("upload", "download", "files", "imports");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            // What tests share stands beside the house; only the test scope of the poms reaches it.
            .withImportOption(location -> !location.contains("dev/sluice/testing/"))
            .withImportOption(location -> !location.contains("dev/sluice/fakes/"))
            .importPackages("dev.sluice");

    @Test
    void everyModuleHasItsFloor() {
        Set<String> found = CLASSES.stream()
                .map(type -> type.getPackageName().substring(HOUSE.length()))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> known = new TreeSet<>();
        FLOORS.forEach(known::addAll);
        assertThat(found).isEqualTo(known);
    }

    @Test
    void modulesKnowOnlyFloorsBelow() {
        var allowed = new HashSet<String>();
        for (Set<String> floor : FLOORS) {
            for (String module : floor) {
                var reachable = new HashSet<>(allowed);
                reachable.removeAll(AVOIDED.getOrDefault(module, Set.of()));
                reachable.add(module);
                classes()
                        .that()
                        .resideInAPackage(HOUSE + module)
                        .should()
                        .onlyDependOnClassesThat(resideInAnyPackage(packages(reachable))
                                .or(resideInAnyPackage("dev.sluice..").negate().as("others' classes")))
                        .as(module + " knows only floors below")
                        .check(CLASSES);
            }
            allowed.addAll(floor);
        }
    }

    @Test
    void coreKnowsTheJdkJSpecifyAndSlf4jOnly() {
        classes()
                .that()
                .resideInAPackage(HOUSE + "core")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "org.slf4j..", HOUSE + "core")
                .check(CLASSES);
    }

    @Test
    void wireKnowsNoServer() {
        noClasses()
                .that()
                .resideInAPackage(HOUSE + "wire")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.eclipse.jetty..", "jakarta.servlet..", "javax.servlet..", "io.javalin..")
                .check(CLASSES);
    }

    @Test
    void noKindOfJobKnowsAnother() {
        for (String kind : KINDS) {
            var others = new HashSet<>(KINDS);
            others.remove(kind);
            noClasses()
                    .that()
                    .resideInAPackage(HOUSE + kind)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(packages(others))
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void modulesDoNotKnowEachOtherInCircles() {
        slices().matching(HOUSE + "(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyWhoHasTablesSpeaksToTheDatabase() {
        noClasses()
                .that()
                // Who has tables of their own.
                .resideOutsideOfPackages(
                        HOUSE + "db",
                        HOUSE + "state",
                        HOUSE + "google",
                        HOUSE + "imports",
                        HOUSE + "accounts",
                        HOUSE + "notify")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.jdbi..", "org.sqlite..", "org.postgresql..")
                .check(CLASSES);
    }

    @Test
    void whatAllCloudsStandOnKnowsNoProvider() {
        noClasses()
                .that()
                .resideOutsideOfPackage(HOUSE + "s3")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage(HOUSE + "azure")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.azure..", "reactor..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage(HOUSE + "google")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google..")
                .check(CLASSES);
    }

    @Test
    void noNameSaysNothing() {
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Helper|Helpers|Util|Utils|Impl|Info)(\\$.*)?")
                .check(CLASSES);
    }

    private static String[] packages(Set<String> modules) {
        return modules.stream().map(module -> HOUSE + module).toArray(String[]::new);
    }
}
